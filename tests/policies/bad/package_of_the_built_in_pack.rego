# 3: the package `audit.mfa.off` is in the embedded pack

package audit.mfa.off

warn contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
