# 19: did you mean `OFF`?
# 24: is never `Production`
# 28: is never `implicit`
# 33: is never `Email`
# 37: is never `off`
# 40: is never `PRODUCTION`
# 42: is never `Implicit`

package acme.casing_of_names

_pool := input.ResourceConfig.UserPoolConfigs

_weak := {"implicit"}

_weights := {"PRODUCTION": 1}

deny contains "MFA is off" if {
	mode := "Off"
	_pool.Mfa.MFAMode == mode
}

deny_stage contains "production" if {
	stages := ["Production"]
	input.Target.Stage in stages
}

deny_grant contains "implicit" if {
	_pool.OAuth.OAuthGrantType in _weak
}

deny_method contains "by mail" if {
	some method in ["Email"]
	_pool.SignInMethod = method
}

deny_function contains "off" if is_off(_pool.Mfa.MFAMode)
is_off("off") := true

deny_weight contains "weight" if {
	_weights[input.Target.Stage] > 0
}
deny_get contains "weight" if object.get({"Implicit": 1}, _pool.OAuth.OAuthGrantType, 0) == 1
