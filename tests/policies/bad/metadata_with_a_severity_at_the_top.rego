# 7: severity

package acme.mfa

# METADATA
# title: MFA is off
# severity: high
deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
