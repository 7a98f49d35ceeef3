# 7: did you mean `Mfa`?

package acme.mfa

import input.ResourceConfig.UserPoolConfigs as pool

deny contains "MFA is off" if pool.Mfas.MFAMode == "OFF"
