package audit.oauth.insecure_redirect

import data.audit.lib.redirects.unusual
import data.audit.lib.uri

# METADATA
# scope: rule
# title: Redirect over plain HTTP
# description: >-
#   After sign-in the browser is sent to a redirect URI with the authorization code or the tokens in it.
#   Over plain HTTP everybody on the way can read them, take over the session, or answer in the app's
#   place. An entry that is no string cannot be judged and is a finding too. Redirects to the user's own
#   machine are excused here, because they do not cross a network; oauth/loopback_redirect judges them.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc9700#section-2.6
#     description: RFC 9700, Best Current Practice for OAuth 2.0 Security
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html
#     description: App clients of a user pool
# custom:
#   severity: high
#   remediation: >-
#     Serve the app over HTTPS and replace the URI by its https:// form in the Amplify project, then push. Cognito
#     itself accepts no http:// callback but on localhost, so such an entry often means that the settings
#     seen here are not the ones in force: compare them with `aws cognito-idp describe-user-pool-client`.
#   references:
#     - RFC 9700 §2.6
#     - OWASP ASVS 5.0 12.2.1
#     - CWE-319
#   tags: [oauth, redirect]
#   path: /ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs
deny contains finding if {
	some name, uris in unusual
	offending := _offending(uris)
	offending != []

	# `expected` as `actual` speaks of the offending members alone: there should be none.
	finding := object.union(_severities[name], {
		"msg": sprintf("%s %s", [name, _complaint(offending)]),
		"path": sprintf("/ResourceConfig/UserPoolConfigs/OAuth/%s", [name]),
		"expected": [],
		"actual": offending,
	})
}

_severities := {
	"RedirectSignInURIs": {},
	"RedirectSignOutURIs": {"severity": "medium"},
}

_offending(uris) := sort([entry | some entry in uris; _insecure(entry)]) if is_array(uris)

# What is neither a list nor absent cannot be judged.
_offending(uris) := uris if {
	not is_array(uris)
	uris != null
}

_insecure(entry) if not is_string(entry)

_insecure(entry) if {
	uri.scheme(entry) == "http"
	not uri.loopback(entry)
}

_complaint(offending) := "is no list, so it cannot be judged" if {
	not is_array(offending)
} else := concat(" and ", array.concat(
	[sprintf("sends users over plain HTTP to %s", [concat(", ", known)]) | known != []],
	[sprintf("has what is no URI and cannot be judged: %s", [concat(", ", other)]) | other != []],
)) if {
	known := [sprintf("`%s`", [entry]) | some entry in offending; is_string(entry)]
	other := [sprintf("%v", [entry]) | some entry in offending; not is_string(entry)]
}
