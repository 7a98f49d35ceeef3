package audit.oauth.loopback_redirect

import data.audit.lib.redirects.unusual
import data.audit.lib.stage
import data.audit.lib.uri

# METADATA
# scope: rule
# title: Redirect to the user's own machine
# description: >-
#   A redirect to localhost is a leftover of development. In production it lets whatever program listens on
#   that port of a user's machine, or of a shared one, receive authorization codes of real accounts, and
#   it lets anybody who runs a copy of the app locally sign in real users against the production pool.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc8252#section-7.3
#     description: RFC 8252, OAuth 2.0 for Native Apps, where loopback redirects are legitimate
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html
#     description: App clients of a user pool
# custom:
#   severity: medium
#   remediation: >-
#     Remove the URI from the production environment and push. A Gen 1 project keeps one list for all of its
#     environments unless their branches differ: take the URI out on the branch that production is pushed from,
#     and leave it where developers work. A native desktop app may need a loopback redirect (RFC 8252 §7.3):
#     waive this for that app, and see that it uses PKCE. If the environment is no production one, give it its
#     stage under [stages] in audit.toml.
#   references:
#     - RFC 8252 §7.3
#     - RFC 8252 §8.3
#     - OWASP ASVS 5.0 10.4.1
#   tags: [oauth, redirect]
#   path: /ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs
deny contains finding if {
	# Developers sign in from localhost, so staging and development are not judged; an unknown stage is.
	stage.strict
	some name, uris in unusual

	# What is no list, and entries that are no strings, are a matter of oauth/insecure_redirect.
	is_array(uris)
	offending := sort([entry | some entry in uris; _loopback(entry)])
	count(offending) > 0

	# `expected` as `actual` speaks of the offending members alone: there should be none.
	finding := object.union(_severities[name], {
		"msg": sprintf("%s of %s sends users to their own machine: %s", [
			name,
			stage.described,
			concat(", ", [sprintf("`%s`", [entry]) | some entry in offending]),
		]),
		"path": sprintf("/ResourceConfig/UserPoolConfigs/OAuth/%s", [name]),
		"expected": [],
		"actual": offending,
	})
}

_severities := {
	"RedirectSignInURIs": {},
	"RedirectSignOutURIs": {"severity": "low"},
}

_loopback(entry) if {
	uri.scheme(entry) in {"http", "https"}
	uri.loopback(entry)
}
