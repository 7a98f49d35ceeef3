# 8: two rules of one id: `mfa/off`

package acme.mfa

# METADATA
# custom:
#   id: mfa/off
deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
