# 5: did you mean `data.audit.lib.stage`?

package acme.mfa

import data.audit.lib.stages

deny contains "MFA is off" if {
	stages.strict
	input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
}
