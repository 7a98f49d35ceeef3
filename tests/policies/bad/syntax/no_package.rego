# 3: package

deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
