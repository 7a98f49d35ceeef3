# 5: `deny` is no set

package acme.mfa

deny := ["MFA is off"] if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
