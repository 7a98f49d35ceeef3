# 9: this is in no METADATA block, so it is lost
# 9: the lines of a block follow `# METADATA`, with no line between them
# 13: this is in no METADATA block
package acme.mfa

# METADATA
# title: MFA is off

# custom:
#   severity: high
deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"

#   severity: "critical"
warn_other contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
