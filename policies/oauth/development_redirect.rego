package audit.oauth.development_redirect

import data.audit.lib.redirects.unusual
import data.audit.lib.stage
import data.audit.lib.uri

# METADATA
# scope: rule
# title: Redirect to a development build of the app
# description: >-
#   Expo's schemes (exp://, exps:// and exp+name://) open Expo Go or a development build, which run whatever
#   project they are pointed at, often one on a developer's machine. In production such a redirect hands
#   authorization codes of real accounts to code that nobody released, and lets anybody who has the app's client
#   id try that with a project of their own.
# related_resources:
#   - ref: https://docs.expo.dev/linking/into-your-app/
#     description: Expo, linking into your app
#   - ref: https://docs.expo.dev/guides/authentication/
#     description: Expo, authentication with OAuth or OpenID providers
#   - ref: https://www.rfc-editor.org/rfc/rfc8252#section-7.1
#     description: RFC 8252, OAuth 2.0 for Native Apps, on private-use URI schemes
# custom:
#   severity: medium
#   remediation: >-
#     Remove the URI from the production environment and push. A Gen 1 project keeps one list for all of its
#     environments unless their branches differ: take the URI out on the branch that production is pushed from,
#     and leave it where developers work. Released builds use an https:// link that the platform ties to the
#     app, or a scheme made of a domain in reverse. If the environment is no production one, give it its stage
#     under [stages] in audit.toml.
#   references:
#     - OWASP ASVS 5.0 10.4.1
#     - RFC 8252 §7.1
#   tags: [oauth, redirect, mobile]
#   path: /ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs
deny contains finding if {
	# Developers sign in from Expo, so staging and development are not judged; an unknown stage is.
	stage.strict
	some name, uris in unusual

	# What is no list, and entries that are no strings, are a matter of oauth/insecure_redirect.
	is_array(uris)
	offending := sort([entry | some entry in uris; uri.expo_scheme(uri.private_scheme(entry))])
	count(offending) > 0

	# `expected` as `actual` speaks of the offending members alone: there should be none.
	finding := object.union(_severities[name], {
		"msg": sprintf("%s of %s sends users to a development build: %s", [
			name,
			stage.described,
			concat(", ", [sprintf("`%s`", [uri.printable(entry)]) | some entry in offending]),
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
