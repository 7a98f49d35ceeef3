# 5: `_is_weak` is a rule and no function

package acme.mfa

deny contains "MFA is weak" if _is_weak(input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode)

_is_weak if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
