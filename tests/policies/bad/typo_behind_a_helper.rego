# 5: did you mean `MFAMode`?

package acme.mfa

deny contains "MFA is off" if _mfa.MfaMode == "OFF"

_mfa := input.ResourceConfig.UserPoolConfigs.Mfa
