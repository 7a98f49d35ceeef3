package audit.mfa.sms_only

# METADATA
# scope: rule
# title: SMS is the only second factor
# description: >-
#   Text messages are redirected by SIM swaps and number porting, read on the way and phished in real
#   time, so a code sent by SMS proves little. NIST restricts SMS to where an alternative is offered as well.
#   It also costs money for each message, which premium-rate fraud exploits.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
#     description: Adding MFA to a user pool
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-totp.html
#     description: TOTP software token MFA
#   - ref: https://pages.nist.gov/800-63-4/sp800-63b.html
#     description: NIST SP 800-63B-4, Authentication and Authenticator Management
# custom:
#   severity: medium
#   remediation: >-
#     Add TOTP to the MFA types, let users enrol an authenticator app (AssociateSoftwareToken,
#     VerifySoftwareToken) and prefer it. Drop SMS from the list only when nobody depends on it any more:
#     in a pool that requires MFA, a user whose only factor goes away is locked out.
#   references:
#     - OWASP ASVS 5.0 6.6.1
#     - NIST SP 800-63B-4 §3.1.3.3
#   tags: [mfa, sms]
#   path: /ResourceConfig/UserPoolConfigs/Mfa/Settings/MfaTypes
deny contains finding if {
	# OFF and absent are a matter of mfa/off, where the types mean nothing (the Amplify CLI's default is OFF with SMS).
	not _mode in {"OFF", null}

	# A type that we do not know does not show that there is anything better than SMS.
	{type | some type in _types; type in {"SMS", "TOTP"}} == {"SMS"}
	finding := {
		"msg": _message,
		"path": "/ResourceConfig/UserPoolConfigs/Mfa/Settings/MfaTypes",
		"expected": ["TOTP"],
		"actual": sort(_types),
	}
}

default _mode := null

_mode := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode

default _types := []

_types := input.ResourceConfig.UserPoolConfigs.Mfa.Settings.MfaTypes if {
	is_array(input.ResourceConfig.UserPoolConfigs.Mfa.Settings.MfaTypes)
}

_message := "MfaTypes is SMS alone, the weakest of the second factors" if {
	_types == ["SMS"]
} else := sprintf("MfaTypes is %v: SMS is the only second factor among them that is known", [sort(_types)])
