# 6: `x` stands twice among the arguments
# 6: compare them in the body

package acme.same

same(x, x) := true

deny contains "MFA is not ON" if not same(input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode, "ON")
