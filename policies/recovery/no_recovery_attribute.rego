package audit.recovery.no_recovery_attribute

# METADATA
# scope: rule
# title: Users need no address to recover their password with
# description: >-
#   Users sign in with a name of their own and need to give neither e-mail address nor phone number. Who forgets
#   the password has no way back, so the help desk resets it for whoever tells the best story, which is how
#   accounts are taken over; nor can a user be warned. A sign-in method that is absent or unknown is judged like
#   a user name, and what is no list of attributes names none.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
#     description: User pool attributes, of which the required ones cannot be changed later
#   - ref: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-cognito-userpool-accountrecoverysetting.html
#     description: AccountRecoverySetting of a user pool
# custom:
#   severity: medium
#   remediation: >-
#     The required attributes and the sign-in method of a pool cannot be changed once it exists. In this pool,
#     let the app ask every user for an e-mail address, at sign-up and after sign-in for those who have none,
#     and verify it: recovery uses verified ones whether they are required or not. For a new pool, require EMAIL
#     or sign in with it. Where only administrators reset passwords (AccountRecoverySetting admin_only), and
#     there is a safe way to ask them, or where nobody has a password because all users are federated, waive
#     this with that reason.
#   references:
#     - CWE-640
#     - OWASP ASVS 5.0 6.4.3
#   tags: [recovery, sign-up]
#   path: /ResourceConfig/UserPoolConfigs/RequiredSignUpAttributes
deny contains finding if {
	# Who signs in with an address has one.
	not _method in {"EMAIL", "EMAIL_AND_PHONE_NUMBER", "PHONE_NUMBER"}
	not _has_address(_attributes)
	finding := {
		"msg": sprintf("%s and RequiredSignUpAttributes has neither EMAIL nor PHONE_NUMBER: %s", [
			_complaint,
			"users without an address cannot recover their password",
		]),
		"path": "/ResourceConfig/UserPoolConfigs/RequiredSignUpAttributes",
		"expected": ["EMAIL"],
		"actual": _attributes,
	}
}

default _method := null

_method := input.ResourceConfig.UserPoolConfigs.SignInMethod

default _attributes := null

_attributes := input.ResourceConfig.UserPoolConfigs.RequiredSignUpAttributes

_has_address(attributes) if {
	is_array(attributes)
	some address in ["EMAIL", "PHONE_NUMBER"]
	address in attributes
}

_complaint := "SignInMethod is USERNAME" if {
	_method == "USERNAME"
} else := "SignInMethod is absent" if {
	_method == null
} else := sprintf("SignInMethod is `%v`, which is no documented method,", [_method])
