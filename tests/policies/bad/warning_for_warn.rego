# 5: did you mean `warn`?

package acme.mfa

warning contains "MFA is optional" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OPTIONAL"

deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
