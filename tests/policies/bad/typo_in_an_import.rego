# 7: did you mean `UserPoolConfigs`?

package acme.mfa

import input.ResourceConfig.UserPoolConfig as pool

deny contains "MFA is off" if pool.Mfa.MFAMode == "OFF"
