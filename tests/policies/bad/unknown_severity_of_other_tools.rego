# 8: `error` is no severity
# 8: critical

package acme.mfa

# METADATA
# custom:
#   severity: error
deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
