package audit.oauth.missing_openid

# METADATA
# scope: rule
# title: OpenID Connect scopes without OPENID
# description: >-
#   The scopes email, phone and profile ask for claims of OpenID Connect, and a request without the scope openid
#   is none of OpenID Connect: its meaning is left open. An app that signs users in with it gets no ID token to
#   check, and is tempted to take an access token for a proof of who the user is, which it is not.
# related_resources:
#   - ref: https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
#     description: OpenID Connect Core 1.0, the authentication request
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html
#     description: Scopes of a user pool
# custom:
#   severity: low
#   remediation: >-
#     Add OPENID to the OAuth scopes of the Amplify project (`amplify update auth`), push, and let the app ask
#     for it: the app's own configuration lists the scopes as well. If the app needs no claims of the user,
#     remove EMAIL, PHONE and PROFILE instead.
#   references:
#     - OpenID Connect Core 1.0 §3.1.2.1
#     - OpenID Connect Core 1.0 §5.4
#   tags: [oauth, scope]
#   path: /ResourceConfig/UserPoolConfigs/OAuth/OAuthScopes
deny contains finding if {
	# What is no list, and entries that are no strings, are a matter of oauth/admin_scope.
	is_array(input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes)
	scopes := [scope | some scope in input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes; is_string(scope)]

	# AmplifyBackend's names in lower case are Cognito's own, which may shine through.
	not "openid" in {lower(scope) | some scope in scopes}
	offending := sort([scope | some scope in scopes; lower(scope) in {"email", "phone", "profile"}])
	count(offending) > 0
	finding := {
		"msg": sprintf("OAuthScopes has %s but not OPENID, without which it asks for no sign-in", [
			concat(", ", [sprintf("`%s`", [scope]) | some scope in offending]),
		]),
		"path": "/ResourceConfig/UserPoolConfigs/OAuth/OAuthScopes",
		"expected": ["OPENID"],
		"actual": offending,
	}
}
