# 7: METADATA

package acme.mfa

deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"

# METADATA
# title: MFA is off
