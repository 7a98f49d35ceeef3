# 5: this member has no `msg`, so it says nothing

package acme.mfa

deny contains {"path": "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode"} if {
	input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
}
