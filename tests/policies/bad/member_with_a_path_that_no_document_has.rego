# 5: did you mean `MFAMode`?

package acme.mfa

deny contains {"msg": "MFA is off", "path": "/ResourceConfig/UserPoolConfigs/Mfa/Mode"} if {
	input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
}
