package audit.oauth.admin_scope

# METADATA
# scope: rule
# title: OAuth clients get the user administration scope
# description: >-
#   An access token with the scope aws.cognito.signin.user.admin may call Cognito's own user API: read and
#   change every attribute that the app client may write, change the password, set up MFA and delete the
#   account. Whoever gets hold of one token gets all of that. Where the application trusts an attribute,
#   say a tenant or a role, users can give themselves another one.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html
#     description: Scopes of a user pool
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
#     description: Attribute permissions of an app client
# custom:
#   severity: medium
#   remediation: >-
#     Remove AWS_COGNITO_SIGNIN_USER_ADMIN from the scopes if the app does not manage users' own accounts. It is
#     a default of the Amplify CLI, and Amplify's functions for attributes, passwords and MFA need it: an app
#     that uses them keeps the scope, limits the attributes that the app client may write, and waives this.
#   references:
#     - OWASP ASVS 5.0 10.4.11
#     - RFC 9700 §2.3
#   tags: [oauth, scope]
#   path: /ResourceConfig/UserPoolConfigs/OAuth/OAuthScopes
deny contains finding if {
	offending := _offending(input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes)
	offending != []

	# `expected` as `actual` speaks of the offending members alone: there should be none.
	finding := {
		"msg": sprintf("OAuthScopes %s", [_complaint(offending)]),
		"path": "/ResourceConfig/UserPoolConfigs/OAuth/OAuthScopes",
		"expected": [],
		"actual": offending,
	}
}

# AmplifyBackend's name for the scope, and Cognito's own in case it shines through.
_admin := {"aws_cognito_signin_user_admin", "aws.cognito.signin.user.admin"}

_offending(scopes) := sort([scope | some scope in scopes; _suspect(scope)]) if is_array(scopes)

# What is neither a list nor absent cannot be judged.
_offending(scopes) := scopes if {
	not is_array(scopes)
	scopes != null
}

_suspect(scope) if not is_string(scope)

_suspect(scope) if {
	is_string(scope)
	lower(scope) in _admin
}

_complaint(offending) := "is no list, so it cannot be judged" if {
	not is_array(offending)
} else := concat(" and ", array.concat(
	[sprintf("has %s: a token may change the account of its user", [concat(", ", known)]) | known != []],
	[sprintf("has what is no scope and cannot be judged: %s", [concat(", ", other)]) | other != []],
)) if {
	known := [sprintf("`%s`", [entry]) | some entry in offending; is_string(entry)]
	other := [sprintf("%v", [entry]) | some entry in offending; not is_string(entry)]
}
