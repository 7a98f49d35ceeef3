# 5: did you mean `_is_weak`?

package acme.mfa

deny contains "MFA is weak" if _is_week

_is_weak if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
