# 7: did you mean

package acme.mfa

# METADATA
# custom:
#   path: /ResourceConfig/UserPoolConfigs/Mfa/Mode
deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
