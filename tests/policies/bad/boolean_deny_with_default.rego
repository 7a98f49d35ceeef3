# 6: `deny` is no set
# 8: `deny` is no set

package acme.mfa

default deny := false

deny if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
