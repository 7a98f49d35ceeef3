# Functions with several definitions, patterns, `else` and defaults.
package good.functions

default weight(_) := 0

weight("OFF") := 3

weight("OPTIONAL") := 1

described(mode) := "nothing" if {
	mode == null
} else := "a password" if {
	mode == "OFF"
} else := sprintf("`%v`", [mode])

first([head, _]) := head

first([head]) := head

mode_of(mfa) := mfa.MFAMode

between(value, low, high) if {
	low <= value
	value <= high
}

deny contains msg if {
	mode := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode
	weight(mode) > 2
	msg := described(mode)
}

deny_length contains "passwords may be short" if {
	not between(input.ResourceConfig.UserPoolConfigs.PasswordPolicy.MinimumLength, 12, 99)
}

deny_first contains uri if {
	uri := first(input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs)
	startswith(uri, "http:")
}

deny_mode contains "MFA is optional" if mode_of(input.ResourceConfig.UserPoolConfigs.Mfa) == "OPTIONAL"
