# 7: `application` is no scope

package acme.mfa

# METADATA
# custom:
#   scope: application
deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
