# 5: did you mean `ResourceConfig`?

package acme.mfa

deny contains "MFA is off" if input.resourceConfig.userPoolConfigs.mfa.MFAMode == "OFF"
