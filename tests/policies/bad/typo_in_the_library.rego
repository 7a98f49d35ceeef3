# 8: did you mean `data.audit.lib.stage.strict`?

package acme.mfa

import data.audit.lib.stage

deny contains "MFA is off" if {
	stage.strickt
	input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
}
