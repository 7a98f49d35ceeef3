# 5: did you mean `violation`?

package acme.mfa

violations contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"

deny_optional contains "MFA is optional" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OPTIONAL"
