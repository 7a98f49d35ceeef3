# 6: `deny` is no set, so it would make no finding
# 6: write `deny contains msg if { … }`

package acme.mfa

deny if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
