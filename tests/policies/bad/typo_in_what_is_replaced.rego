# 10: it has no `Mffa`
# 10: did you mean `Mfa`?
# 13: did you mean `Target`?

package acme.replaced

_off if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"

deny contains "it may be off" if {
	_off with input.ResourceConfig.UserPoolConfigs.Mffa.MFAMode as "OFF"
}

deny_other contains "it may be off" if _off with input.target as {}
