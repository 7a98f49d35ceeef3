package audit.oauth.custom_scheme_redirect

import data.audit.lib.redirects.unusual
import data.audit.lib.uri

# METADATA
# scope: rule
# title: Redirect to a private scheme that any app may claim
# description: >-
#   Which app opens a private scheme is up to the device, and nobody checks who registers one. A scheme without
#   a domain in it, such as myapp://, is short and easily guessed, so another app on the same device can claim
#   it as well and receive the authorization code. A scheme made of a domain in reverse order, which its owner
#   can answer for, is the least that RFC 8252 asks; an https:// link that the platform ties to the app is
#   better, because nobody else can claim it.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc8252#section-7.1
#     description: RFC 8252, OAuth 2.0 for Native Apps, on private-use URI schemes
#   - ref: https://developer.apple.com/documentation/xcode/supporting-associated-domains
#     description: Associated domains, which universal links on Apple platforms rest upon
#   - ref: https://developer.android.com/training/app-links
#     description: Android App Links
# custom:
#   severity: low
#   remediation: >-
#     Add a redirect that the app owns: an https:// URI opened by universal links (iOS) or App Links (Android),
#     or else a scheme made of a domain of yours in reverse, such as com.example.shop:/callback. Register it in
#     the app as well, release that app, and remove the old URI only when the old versions are gone: they cannot
#     sign in without it. Until then see that the app uses the code grant with PKCE, which makes a stolen code
#     useless.
#   references:
#     - RFC 8252 §7.1
#     - RFC 8252 §8.4
#   tags: [oauth, redirect, mobile]
#   path: /ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs
deny contains finding if {
	some name, uris in unusual

	# What is no list, and entries that are no strings, are a matter of oauth/insecure_redirect.
	is_array(uris)
	offending := sort([entry | some entry in uris; _claimable(entry)])
	count(offending) > 0

	# `expected` as `actual` speaks of the offending members alone: there should be none.
	finding := object.union(_severities[name], {
		"msg": sprintf("%s has schemes that any app may claim: %s", [
			name,
			concat(", ", sort({sprintf("`%s:`", [uri.private_scheme(entry)]) | some entry in offending})),
		]),
		"path": sprintf("/ResourceConfig/UserPoolConfigs/OAuth/%s", [name]),
		"expected": [],
		"actual": offending,
	})
}

_severities := {
	"RedirectSignInURIs": {},
	"RedirectSignOutURIs": {"severity": "info"},
}

_claimable(entry) if {
	scheme := uri.private_scheme(entry)
	not _names_a_domain(scheme)

	# A matter of oauth/development_redirect.
	not uri.expo_scheme(scheme)
}

# Two parts at least, and none of them empty. Whose domain it is cannot be seen here.
_names_a_domain(scheme) if {
	contains(scheme, ".")
	not endswith(scheme, ".")
	not contains(scheme, "..")
}
