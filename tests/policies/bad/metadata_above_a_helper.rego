# 9: `severity` is said of a rule that makes no finding, so it is lost
# 9: move the METADATA block

package acme.mfa

# METADATA
# title: MFA is not ON
# custom:
#   severity: critical
_production if input.Target.Stage == "production"

deny contains "MFA is not ON" if {
	_production
	input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode != "ON"
}
