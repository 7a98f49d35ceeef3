# Rules that ask what would be if something were otherwise.
package good.replaced

_off if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"

_extended if input.Unrecognised[_] == "/ResourceConfig/PasskeyConfigs"

deny contains "it could be off" if {
	_off with input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode as "OFF"
	not _off
}

deny_new contains "nobody looks" if {
	_extended with input.ResourceConfig.PasskeyConfigs as {} with input.Unrecognised as ["/ResourceConfig/PasskeyConfigs"]
	input.Target.Environment == "none"
}
