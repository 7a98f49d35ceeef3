# 7: this member has no `msg`

package acme.mfa

deny contains finding if {
	input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
	finding := {"path": "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode", "details": "MFA is off"}
}
