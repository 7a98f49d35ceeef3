# 5: `error` is no severity

package acme.mfa

deny contains {"msg": "MFA is off", "severity": "error"} if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
