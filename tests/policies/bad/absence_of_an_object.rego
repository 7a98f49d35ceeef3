# 6: `not input.ResourceConfig.UserPoolConfigs.Mfa` is never true: the member is always there
# 6: its members are `null`: compare one of them

package acme.mfa

deny contains "MFA is not configured" if not input.ResourceConfig.UserPoolConfigs.Mfa
