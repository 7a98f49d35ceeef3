# 6: `input.ResourceConfig.UserPoolConfigs.Mffa` is in no document
# 6: did you mean `Mfa`?

package acme.mfa

deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mffa.MFAMode == "OFF"
