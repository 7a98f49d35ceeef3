# Names that resemble those of findings and are none, because something asks for them.
package good.names_of_ones_own

denylist := {"http://localhost/"}

denied contains uri if {
	some uri in input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs
	uri in denylist
}

warnings contains "MFA is optional" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OPTIONAL"

allow if count(denied) == 0

deny contains msg if {
	not allow
	msg := concat(", ", denied)
}

warn_optional contains msg if some msg in warnings
