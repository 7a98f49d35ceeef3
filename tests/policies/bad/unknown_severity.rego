# 8: `hihg` is no severity
# 8: did you mean `high`?

package acme.mfa

# METADATA
# custom:
#   severity: hihg
deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
