# Constants with and without names: what may be met is compared, in whatever casing the policy has made of it.
package good.constants

_pool := input.ResourceConfig.UserPoolConfigs

_modes := {"OFF", "off", "SOFTWARE_ONLY"}

_severities := {"production": "high", "unknown": "low"}

default _stage := "None"

_stage := input.Target.Stage if input.Target.Stage != "unknown"

_is("Off") if true

_is(mode) if mode == "off"

_both(left, right) if left == right

_is_empty(value) if value == ""

_is_empty(value) if value in [[], {}]

_is_empty([]) := true

deny contains "off" if lower(_pool.Mfa.MFAMode) == "off"

deny_sets contains "off" if _pool.Mfa.MFAMode in _modes

deny_null contains "absent" if {
	_pool.Mfa.MFAMode in [null, "NEW_VALUE"]
	_pool.OAuth.OAuthScopes != null
}

deny_severity contains {"msg": "x", "severity": object.get(_severities, input.Target.Stage, "info")} if {
	_severities[input.Target.Stage] == "high"
}

deny_stage contains "no stage" if _stage == "None"

deny_function contains "off" if {
	some mode in ["Off", _pool.Mfa.MFAMode]
	_is(mode)
}

deny_lists contains "only OpenID" if {
	_pool.OAuth.OAuthScopes == ["OPENID"]
	{scope | some scope in _pool.OAuth.OAuthScopes} == {"OPENID"}
	_pool.PasswordPolicy.MinimumLength < 12
	input.ResourceConfig.IdentityPoolConfigs.UnauthenticatedLogin == true
}

deny_keys contains msg if {
	some provider in ["Google", "SignInWithApple"]
	some key in ["ClientSecret", "PrivateKey"]
	_pool.OAuth.SocialProviderSettings[provider][key] == "REDACTED"
	msg := sprintf("%s has a secret", [provider])
}

deny_path contains "short" if {
	path := ["ResourceConfig", "UserPoolConfigs", "PasswordPolicy", "MinimumLength"]
	object.get(input, path, 0) in [null, 0, 6]
}

deny_shadow contains mode if {
	mode := "Off"
	modes := [scope | some scope in _pool.OAuth.OAuthScopes; lower(scope) == lower(mode)]
	count(modes) == 0
}

deny_both contains "equal" if {
	_both("Off", "OFF")
	_both(_pool.Mfa.MFAMode, "OFF")
}

deny_any contains key if {
	some key, value in _pool
	key in {"SignInMethod", "Unknown"}
	value == "EMAIL"
}

deny_empty contains "nothing is asked for" if {
	_is_empty(_pool.RequiredSignUpAttributes)
	not _is_empty(_pool.UserPoolName)
}

_length(value) := count(value) if is_array(value)

_length(value) := count(split(value, "")) if is_string(value)

deny_types contains msg if {
	_length(_pool.OAuth.OAuthScopes) == 1
	_length(_pool.UserPoolName) > 1
	count(_pool.UserPoolName) > 1
	to_number(_pool.PasswordPolicy.MinimumLength) > 5
	upper(_pool.Mfa.MFAMode) == "OFF"
	not regex.match(`^[a-z(]+$`, input.Target.AppId)
	msg := sprintf("100%% of %s: %v, %5.1f", [input.Target.Id, _pool.OAuth.OAuthScopes, 1.5])
}
