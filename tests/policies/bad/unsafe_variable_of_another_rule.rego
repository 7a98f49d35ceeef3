# 7: the variable `mode` is unsafe

package acme.mfa

deny contains msg if {
	_is_weak
	msg := sprintf("MFA is %s", [mode])
}

_is_weak if {
	mode := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode
	mode != "ON"
}
