# 8: did you mean `MFAMode`?

package acme.mfa

deny contains "MFA is off" if {
	pool := input.ResourceConfig.UserPoolConfigs
	mfa := pool.Mfa
	mfa.Mode == "OFF"
}
