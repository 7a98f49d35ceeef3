# 6: `not input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode` is never true: the member is always there
# 6: what is absent is `null`

package acme.mfa

deny contains "MFA is not configured" if not input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode
