# 7: mode

package acme.mfa

deny contains "MFA is off" if {
	mode := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode
	mode := lower(mode)
	mode == "off"
}
