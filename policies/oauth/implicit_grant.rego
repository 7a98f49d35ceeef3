package audit.oauth.implicit_grant

# METADATA
# scope: rule
# title: OAuth grant is not the authorization code grant
# description: >-
#   The implicit grant hands the tokens to the browser in the redirect's URL, where they end up in
#   histories, logs and Referer headers and where a script or an extension reads them. Nothing binds
#   such a token to the client that asked for it. The authorization code grant with PKCE does the same
#   job without that exposure. A grant that is absent or unknown while OAuth is configured cannot be told from it.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc9700#section-2.1.2
#     description: RFC 9700, Best Current Practice for OAuth 2.0 Security
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html
#     description: App clients of a user pool
# custom:
#   severity: high
#   remediation: >-
#     Set OAuthGrantType to CODE (`amplify update auth`, "Authorization code grant", then `amplify push`).
#     Amplify's libraries use PKCE with the code grant by themselves; other clients must send a code_challenge.
#     Release an app that uses the code grant first: clients that still ask for response_type=token
#     cannot sign in afterwards.
#   references:
#     - RFC 9700 §2.1.2
#     - OWASP ASVS 5.0 10.4.4
#   tags: [oauth]
#   path: /ResourceConfig/UserPoolConfigs/OAuth/OAuthGrantType
deny contains finding if {
	_configured
	_grant != "CODE"
	finding := {
		"msg": _message,
		"path": "/ResourceConfig/UserPoolConfigs/OAuth/OAuthGrantType",
		"expected": "CODE",
		"actual": _grant,
	}
}

default _grant := null

_grant := input.ResourceConfig.UserPoolConfigs.OAuth.OAuthGrantType

# Whether the pool uses OAuth: any of its members is there. Without OAuth there is no grant to judge.
_configured if _grant != null

# The block is there, whatever it holds, and lacks the grant.
_configured if "/ResourceConfig/UserPoolConfigs/OAuth/OAuthGrantType" in input.Missing

_configured if input.ResourceConfig.UserPoolConfigs.OAuth.DomainPrefix != null

_configured if _present(input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes)

_configured if _present(input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs)

_configured if _present(input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignOutURIs)

# Anything but an absent list. What is no list at all was put there by somebody.
_present(list) if {
	list != null
	list != []
}

_message := "OAuthGrantType is IMPLICIT: tokens travel in the URL of the redirect" if {
	_grant == "IMPLICIT"
} else := "OAuthGrantType is absent while OAuth is configured, so the implicit grant cannot be ruled out" if {
	_grant == null
} else := sprintf(
	"OAuthGrantType is `%v`, which is no documented grant, so the implicit grant cannot be ruled out",
	[_grant],
)
