# 8: did you mean `severity`?

package acme.mfa

# METADATA
# title: MFA is off
# custom:
#   severty: high
deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
