# 5: the variable `msg` is unsafe

package acme.mfa

deny contains msg if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
