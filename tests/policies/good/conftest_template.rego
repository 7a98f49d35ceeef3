# The templates of conftest: strings, and objects with members of their own.
package main

deny contains msg if {
	input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
	msg := "MFA is off"
}

violation_mode contains {"msg": msg, "details": {"mode": mode}} if {
	mode := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode
	mode != "ON"
	msg := sprintf("MFA is %v", [mode])
}

warn_long_name contains msg if {
	name := input.ResourceConfig.UserPoolConfigs.UserPoolName
	count(name) > 128
	msg := sprintf("`%s` is long", [name])
}
