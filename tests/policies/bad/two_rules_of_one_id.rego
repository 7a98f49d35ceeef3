# 7: two rules of one id: `acme/mfa/off`

package acme.mfa

deny_off contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"

violation_off contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
