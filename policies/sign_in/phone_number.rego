package audit.sign_in.phone_number

# METADATA
# scope: rule
# title: Users sign in with a phone number
# description: >-
#   A phone number is not its user's for ever: carriers give numbers that were given up to other people within
#   months. Whoever has the number next is the account's user to this pool: they are sent its codes and can set
#   a new password, and the former user is locked out. Where users may choose between e-mail and phone number,
#   those who chose the number bear that risk. A sign-in method that is absent or unknown may be one of these.
# related_resources:
#   - ref: https://recyclednumbers.cs.princeton.edu/
#     description: Security and privacy risks of number recycling
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
#     description: User pool attributes and sign-in aliases, which cannot be changed later
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html
#     description: Migrating users to another user pool
# custom:
#   severity: medium
#   remediation: >-
#     The sign-in method of a pool cannot be changed: it takes a new pool with e-mail sign-in, in a new Amplify
#     app or branch, and a migration of the users, by a user migration Lambda trigger or by import. Removing
#     auth from the old project deletes its accounts, so do that last. Until then, collect and verify e-mail
#     addresses, let recovery go by e-mail alone, and ask for TOTP as a second factor, which a number's next
#     owner does not have. Where phone numbers are what people have, do that and waive this.
#   references:
#     - CWE-640
#   tags: [sign-in, sms]
#   path: /ResourceConfig/UserPoolConfigs/SignInMethod
deny contains finding if {
	not _method in {"EMAIL", "USERNAME"}
	finding := object.union(_severity, {
		"msg": _message,
		"path": "/ResourceConfig/UserPoolConfigs/SignInMethod",
		"expected": "EMAIL",
		"actual": _method,
	})
}

default _method := null

_method := input.ResourceConfig.UserPoolConfigs.SignInMethod

default _severity := {}

# Nobody has to sign in with a number.
_severity := {"severity": "low"} if _method == "EMAIL_AND_PHONE_NUMBER"

_message := "SignInMethod is PHONE_NUMBER: an account goes to whoever has the number next" if {
	_method == "PHONE_NUMBER"
} else := "SignInMethod is EMAIL_AND_PHONE_NUMBER: the account of who chose a number goes to whoever has it next" if {
	_method == "EMAIL_AND_PHONE_NUMBER"
} else := "SignInMethod is absent, so sign-in with a phone number cannot be ruled out" if {
	_method == null
} else := sprintf(
	"SignInMethod is `%v`, which is no documented method, so sign-in with a phone number cannot be ruled out",
	[_method],
)
