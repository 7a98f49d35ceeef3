# 7: nothing defines `data.exceptions`, so this is never true

package acme.mfa

deny contains "MFA is off" if {
	input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
	input.Target.AppId in data.exceptions
}
