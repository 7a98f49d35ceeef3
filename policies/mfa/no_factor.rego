package audit.mfa.no_factor

# METADATA
# scope: rule
# title: Multi-factor authentication has no known factor
# description: >-
#   The pool says that it uses multi-factor authentication but names no factor that a user could
#   enrol. Either nobody can enrol, and the second factor exists on paper only, or the settings that we see
#   are not the ones in force.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
#     description: Adding MFA to a user pool
#   - ref: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUserPoolMfaConfig.html
#     description: GetUserPoolMfaConfig, which tells the factors in force
# custom:
#   severity: medium
#   remediation: >-
#     Look at the factors in force with `aws cognito-idp get-user-pool-mfa-config --user-pool-id POOL`. Then
#     name them in the MFA types of the Amplify project, TOTP among them, and push. If the list holds a type
#     that this tool does not know, update the tool.
#   references:
#     - OWASP ASVS 5.0 6.3.3
#     - NIST SP 800-63B-4 §2.2.1
#   tags: [mfa]
#   path: /ResourceConfig/UserPoolConfigs/Mfa/Settings/MfaTypes
deny contains finding if {
	# OFF and absent are a matter of mfa/off.
	not _mode in {"OFF", null}
	count({type | some type in _list; type in {"SMS", "TOTP"}}) == 0
	finding := {
		"msg": sprintf("MFAMode is %v, but %s", [_mode, _problem]),
		"path": "/ResourceConfig/UserPoolConfigs/Mfa/Settings/MfaTypes",
		"expected": ["TOTP"],
		"actual": _types,
	}
}

default _mode := null

_mode := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode

default _types := null

_types := input.ResourceConfig.UserPoolConfigs.Mfa.Settings.MfaTypes

# What is no list names no factor.
default _list := []

_list := _types if is_array(_types)

# An absent list and an empty one are the same in a document.
_problem := "MfaTypes names no second factor" if {
	_types in {[], null}
} else := sprintf("MfaTypes is %v, which has no second factor that is known", [_types])
