# 5: `acme/MFA` cannot be the id of a rule

package acme

deny_MFA contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
