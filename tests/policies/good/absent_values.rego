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

deny_null contains "nothing is known" if input.ResourceConfig.UserPoolConfigs == null
