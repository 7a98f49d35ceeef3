# 5: `if`

package acme.mfa

deny[msg] {
	input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
	msg := "MFA is off"
}
