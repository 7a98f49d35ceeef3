# 6: this opens no METADATA block, so what is below it is lost
# 12: this opens no METADATA block
# 6: did you mean `# METADATA`? Case counts
package acme.mfa

# metadata
# title: MFA is off
# custom:
#   severity: high
deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"

# METEDATA
# custom:
#   severity: high
deny_other contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
