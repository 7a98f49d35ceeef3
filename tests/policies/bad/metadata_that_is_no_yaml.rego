# 6: METADATA

package acme.mfa

# METADATA
# title: MFA: off or absent
deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
