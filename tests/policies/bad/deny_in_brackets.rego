# 5: `deny` is no set but an object

package acme.mfa

deny[msg] if {
	input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
	msg := "MFA is off"
}
