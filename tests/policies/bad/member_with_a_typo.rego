# 5: did you mean `msg`?

package acme.mfa

deny contains {"mgs": "MFA is off"} if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
