# 7: `input.Target.Stage` is never `prod`
# 7: it is one of `production`

package acme.mfa

deny contains "MFA is off in production" if {
	input.Target.Stage == "prod"
	input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
}
