package audit.oauth.shared_redirect_host

import data.audit.lib.names
import data.audit.lib.stage
import data.audit.lib.uri

# METADATA
# scope: rule
# title: Production and another environment redirect to one host
# description: >-
#   Where production and a lesser environment send their users to the same host, one page receives the answers
#   of both user pools, under one set of cookies and storage. Accounts of the lesser environment, which anybody
#   may have been given, end up in the app that serves customers, or production's users in a test build; and
#   whoever may change the lesser environment reaches the other's sessions.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc9700#section-2.1
#     description: RFC 9700, Best Current Practice for OAuth 2.0 Security, on redirect URIs
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html
#     description: App clients of a user pool
# custom:
#   scope: app
#   severity: medium
#   remediation: >-
#     Give each environment a host of its own, another port or path does not separate them, and remove the other
#     environments' URIs from each list. A Gen 1 project keeps one list for all of its environments unless their
#     branches differ: let the branch of each environment hold its own URIs, and push each. Where one host is
#     meant to serve all of them, such as a shared sign-in page that tells the pools apart, waive this. If the
#     environment is no production one, give it its stage under [stages] in audit.toml.
#   references:
#     - ISO/IEC 27001:2022 A.8.31
#     - PCI DSS 4.0.1 6.5.3
#   tags: [oauth, redirect, environments]
#   path: /ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs
deny contains finding if {
	some list in _lists

	# An unknown stage is judged as production: both it and production are compared with the rest.
	not stage.lesser(list.stage)
	shared := {entry: host |
		some entry in list.uris
		host := _host(entry)
		_lesser[host]
	}
	count(shared) > 0

	# `expected` as `actual` speaks of the offending members alone: there should be none.
	finding := object.union(_severities[list.name], {
		"msg": sprintf("%s of %s has hosts that lesser environments redirect to as well: %s", [
			list.name,
			stage.describe(list.stage),
			concat(", ", sort({sprintf("`%s` (%s)", [host, names.listed(_lesser[host])]) | some host in shared})),
		]),
		"target": list.target,
		"path": sprintf("/ResourceConfig/UserPoolConfigs/OAuth/%s", [list.name]),
		"expected": [],
		"actual": sort(object.keys(shared)),
	})
}

# The lists of all environments. What is no list is a matter of oauth/insecure_redirect.
_lists contains {"target": target, "stage": stage.of_documents[index], "name": "RedirectSignInURIs", "uris": uris} if {
	some index, doc in input.Documents
	target := doc.Target.Id
	uris := doc.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs
	is_array(uris)
}

_lists contains {"target": target, "stage": stage.of_documents[index], "name": "RedirectSignOutURIs", "uris": uris} if {
	some index, doc in input.Documents
	target := doc.Target.Id
	uris := doc.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignOutURIs
	is_array(uris)
}

# The lesser environments that redirect to a host of production, by host, be it after sign-in or after
# sign-out: either way their users arrive there.
_lesser := {host: targets |
	some host in _strict_hosts & {use.host | some use in _lesser_uses}
	targets := {use.target | some use in _lesser_uses; use.host == host}
}

_strict_hosts := {host |
	some list in _lists
	not stage.lesser(list.stage)
	some entry in list.uris
	host := _host(entry)
}

_lesser_uses := {{"host": host, "target": list.target} |
	some list in _lists
	stage.lesser(list.stage)
	some entry in list.uris
	host := _host(entry)
}

# No code travels with the redirect after sign-out.
_severities := {
	"RedirectSignInURIs": {},
	"RedirectSignOutURIs": {"severity": "low"},
}

# The host of what a browser opens, if it is not the user's own machine: that is a matter of
# oauth/loopback_redirect. A private scheme's host, as in myapp://callback, is nobody's.
_host(entry) := uri.host(entry) if {
	uri.scheme(entry) in uri.web_schemes
	not uri.loopback(entry)
}
