# 9: `input.ResourceConfig.Typo` is in no document
# 14: did you mean `Mfa`?
# 18: did you mean `MFAMode`?

package acme.keys

deny contains "typo" if {
	section := "Typo"
	input.ResourceConfig[section]
}

deny_some contains "typo" if {
	some section in ["MFA", "OAuth"]
	input.ResourceConfig.UserPoolConfigs[section]
}

deny_path contains "typo" if {
	path := ["ResourceConfig", "UserPoolConfigs", "Mfa", "Mode"]
	object.get(input, path, null) == "OFF"
}
