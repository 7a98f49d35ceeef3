# What may be absent: defaults, `object.get`, `not` and helpers that are undefined.
package good.absent_values

default _mode := "OFF"

_mode := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode

_length := object.get(input, ["ResourceConfig", "UserPoolConfigs", "PasswordPolicy", "MinimumLength"], 0)

_has_team if input.Target.Labels.team

_is_encrypted(uri) if startswith(uri, "https:")

deny contains "MFA is off" if _mode == "OFF"

deny_length contains msg if {
	_length < 12
	msg := sprintf("%v characters are few", [_length])
}

deny_team contains "nobody owns this" if not _has_team

deny_label contains "no cost centre" if not input.Target.Labels["cost-center"]

deny_uri contains uri if {
	uri := input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs[_]
	not _is_encrypted(uri)
}

deny_null contains "nothing is known" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == null

_oauth := input.ResourceConfig.UserPoolConfigs.OAuth

_is_empty(value) if is_null(value)

_is_empty(value) if value == {}

_is_empty(value) if value in {null, []}

# One of the two is possible.
deny_scopes contains "no scopes" if _oauth.OAuthScopes in {null, []}

deny_functions contains "no scopes" if _is_empty(_oauth.OAuthScopes)

# It makes sure of what is always there, and does no harm.
deny_guarded contains "implicit grant" if {
	_oauth != null
	_oauth != {}
	not _oauth == null
	not is_null(_oauth.OAuthScopes)
	not _oauth in {null, {}}
	_oauth.OAuthGrantType == "IMPLICIT"
}

deny_labels contains "no labels" if input.Target.Labels == {}

deny_prefix contains "no domain" if is_null(_oauth.DomainPrefix)

deny_any contains "something is absent" if {
	some value in [_oauth, _oauth.DomainPrefix]
	value == null
}
