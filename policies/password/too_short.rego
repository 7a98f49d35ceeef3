package audit.password.too_short

# METADATA
# scope: rule
# title: Minimum password length is too short
# description: >-
#   Length is what makes a password hard to guess: every character multiplies the work, far more than a
#   required digit or symbol does, and short passwords are the first to fall.
#   Below 8 characters no current standard accepts a password at all. Some profiles ask for more where a
#   password alone is enough to sign in, that is unless MFAMode is ON. An absent length, or one that Cognito
#   could not hold, is a finding too, because it shows nothing of what is in force.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
#     description: PasswordPolicyType, with Cognito's range of 6 to 99
#   - ref: https://pages.nist.gov/800-63-4/sp800-63b.html
#     description: NIST SP 800-63B-4, Authentication and Authenticator Management
#   - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/cognito-controls.html
#     description: Security Hub controls for Amazon Cognito
# custom:
#   severity: high
#   remediation: >-
#     Raise MinimumLength in the password policy of the Amplify project (`amplify update auth`, then
#     `amplify push`) to what your profile asks for: at least password.min_length, and where MFAMode is not ON
#     also password.min_length_without_mfa (requiring MFA lowers it to the former). Cognito checks new passwords
#     only: who has a shorter one keeps it until the next change, so ask for a reset where that matters. In a pool
#     where nobody has a password, because all users are federated or sign in without one, waive this with that reason.
#   references:
#     - NIST SP 800-63B-4 §3.1.1.2
#     - OWASP ASVS 5.0 6.2.1
#     - AWS FSBP Cognito.3
#     - PCI DSS 4.0.1 8.3.6
#     - CWE-521
#   tags: [password]
#   path: /ResourceConfig/UserPoolConfigs/PasswordPolicy/MinimumLength
deny contains finding if {
	not _long_enough
	finding := object.union(_severity, {
		"msg": _message,
		"path": "/ResourceConfig/UserPoolConfigs/PasswordPolicy/MinimumLength",
		"expected": _required,
		"actual": _length,
	})
}

default _length := null

_length := input.ResourceConfig.UserPoolConfigs.PasswordPolicy.MinimumLength

# The length that every password needs. Null where the profile has no usable threshold: nothing is long
# enough then, silence would be a false green.
default _min_length := null

_min_length := data.audit.params.password.min_length if is_number(data.audit.params.password.min_length)

# The length that it needs where nothing shows that a second factor is asked for. It only ever raises
# `_min_length` (0 leaves it alone), so whoever sets that one never gets less.
default _min_length_without_mfa := null

_min_length_without_mfa := 0 if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "ON"
else := data.audit.params.password.min_length_without_mfa if {
	is_number(data.audit.params.password.min_length_without_mfa)
}

default _required := null

_required := max([_min_length, _min_length_without_mfa]) if {
	_min_length != null
	_min_length_without_mfa != null
}

# The type is asked for first: to Rego every string is greater than every number, "8" than 12 as well.
default _usable := false

_usable if {
	is_number(_length)
	floor(_length) == _length

	# Cognito's range. A length outside of it cannot be in force.
	_length >= 6
	_length <= 99
}

default _long_enough := false

_long_enough if {
	_usable
	is_number(_required)
	_length >= _required
}

# 8 is the least that any current standard accepts.
default _severity := {}

_severity := {"severity": "medium"} if {
	_usable
	is_number(_required)
	_length >= 8
}

_message := "MinimumLength is absent, so nothing shows that passwords have any length" if {
	_length == null
} else := sprintf(
	"MinimumLength is %v, which is no length that Cognito can enforce (a whole number from 6 to 99)",
	[_length],
) if {
	not _usable
} else := sprintf(
	"MinimumLength is %v and cannot be judged: the parameter password.min_length is not a number",
	[_length],
) if {
	_min_length == null
} else := sprintf(
	"MinimumLength is %v and cannot be judged: the parameter password.min_length_without_mfa is not a number",
	[_length],
) if {
	_min_length_without_mfa == null
} else := sprintf(
	"MinimumLength is %v, shorter than the %v that the profile asks for where MFAMode is not ON",
	[_length, _required],
) if {
	_length >= _min_length
} else := sprintf("MinimumLength is %v, shorter than the %v that the profile asks for", [_length, _required])
