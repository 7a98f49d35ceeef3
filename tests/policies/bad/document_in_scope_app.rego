# 8: is in no document

package acme.parity

# METADATA
# custom:
#   scope: app
deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
