# 7: `path` is a JSON pointer

package acme.mfa

# METADATA
# custom:
#   path: ResourceConfig.UserPoolConfigs.Mfa.MFAMode
deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
