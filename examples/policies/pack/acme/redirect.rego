# Users are sent back to hosts of ours alone.
package acme.redirect

import data.audit.lib.stage
import data.audit.lib.uri

# METADATA
# title: Sign-in redirects to a foreign domain
# description: Whoever holds the domain receives the authorization codes of our users.
# related_resources:
#   - ref: https://datatracker.ietf.org/doc/html/rfc9700#section-4.1
# custom:
#   severity: high
#   remediation: Remove the URI with `amplify update auth`, or add the domain to domains.json.
#   references: [ACME-SEC 4.2, RFC 9700 §4.1]
deny_foreign_domain contains finding if {
	stage.strict
	all := input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs
	foreign := [text | some text in all; not _is_ours(text)]
	count(foreign) > 0
	finding := {
		"msg": sprintf("%d of %d redirect URIs lead to no domain of ours", [count(foreign), count(all)]),
		"path": "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs",
		"expected": data.acme.domains,
		"actual": foreign,
	}
}

# Where there is no host, or readers disagree on which, this is undefined: the URI is not ours.
_is_ours(text) if {
	host := uri.host(text)
	some domain in data.acme.domains
	_is_within(host, domain)
}

_is_within(host, domain) if host == domain

_is_within(host, domain) if endswith(host, concat("", [".", domain]))
