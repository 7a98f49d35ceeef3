# 5: a member of `deny` is a string or an object

package acme.mfa

deny contains ["MFA is off"] if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
