# 5: deny

package acme.mfa

deny contains "MFA is off" input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
