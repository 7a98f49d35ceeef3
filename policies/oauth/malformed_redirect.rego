package audit.oauth.malformed_redirect

import data.audit.lib.redirects.unusual
import data.audit.lib.uri

# METADATA
# scope: rule
# title: Redirect is no exact absolute URI
# description: >-
#   An authorization server compares redirect URIs as exact strings, and a browser then goes where it reads the
#   URI to lead. A wildcard lets an attacker choose the place that gets the authorization code, a fragment mixes
#   with the answer, user information, backslashes, blanks and unusual spellings of an address (127.1 for
#   127.0.0.1) are read differently by different programs, and javascript:, data: or file: never lead to an app.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc9700#section-2.1
#     description: RFC 9700, Best Current Practice for OAuth 2.0 Security, on exact redirect URIs
#   - ref: https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2
#     description: RFC 6749, the redirection endpoint
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html
#     description: App clients of a user pool
# custom:
#   severity: high
#   remediation: >-
#     Replace the entry in the Amplify project by the exact URI that the app asks for, one entry for each:
#     scheme, host name and path in full, no `*`, no `#`, no user name, nothing but ASCII (a host in its xn--
#     form, anything else percent-encoded), then push. Remove what no app uses. Cognito matches no wildcards and
#     takes no fragment in a callback, so such an entry either never worked or shows settings that are not the
#     ones in force: compare them with `aws cognito-idp describe-user-pool-client`.
#   references:
#     - OWASP ASVS 5.0 10.4.1
#     - RFC 9700 §2.1
#     - RFC 6749 §3.1.2
#   tags: [oauth, redirect]
#   path: /ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs
deny contains finding if {
	some name, uris in unusual

	# What is no list, and entries that are no strings, are a matter of oauth/insecure_redirect.
	is_array(uris)
	faults := {entry: fault |
		some entry in uris
		is_string(entry)
		not regex.match(_usual, entry)
		fault := _fault(entry)
	}
	count(faults) > 0
	offending := sort(object.keys(faults))

	# `expected` as `actual` speaks of the offending members alone: there should be none.
	finding := object.union(_severities[name], {
		"msg": sprintf("%s has what is no exact absolute URI: %s", [
			name,
			concat(", ", [sprintf("`%s` (%s)", [uri.printable(entry), faults[entry]]) | some entry in offending]),
		]),
		"path": sprintf("/ResourceConfig/UserPoolConfigs/OAuth/%s", [name]),
		"expected": [],
		"actual": offending,
	})
}

_severities := {
	"RedirectSignInURIs": {},
	"RedirectSignOutURIs": {"severity": "medium"},
}

# What nearly every redirect looks like, and certainly without fault, so that one expression is all it costs:
# localhost, or a name whose last part begins with a letter (no address in any spelling does), with a port of up
# to four digits; or a scheme with a dot; and plain characters.
_usual := concat("", [
	`^(?:(?:https://(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*|https?://localhost)(?::[1-9][0-9]{0,3})?(?:[/?]|$)`,
	`|[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+:/)[A-Za-z0-9_.~/?=&-]*$`,
])

# The first thing that is wrong, the most telling first. Undefined where nothing is.
_fault(entry) := fault if {
	scheme := _scheme(entry)

	# Plain http to another machine is a matter of oauth/insecure_redirect, whatever else is wrong with it.
	not _insecure(entry, scheme)
	fault := _fault_of(entry, scheme)
}

# Empty where there is none.
default _scheme(_) := ""

_scheme(entry) := uri.scheme(entry) if not uri.host_and_port(entry)

_insecure(entry, "http") if not uri.loopback(entry)

_fault_of(entry, scheme) := "empty" if {
	entry == ""
} else := sprintf("`%s:` leads to no app", [scheme]) if {
	scheme in uri.foreign_schemes
} else := "a wildcard" if {
	contains(entry, "*")
} else := "a backslash" if {
	contains(entry, `\`)
} else := "a blank, or a character that no URI has" if {
	trim(entry, _characters) != ""
} else := "no scheme" if {
	scheme == ""
} else := "a fragment" if {
	contains(entry, "#")
} else := "a `%` that encodes nothing" if {
	contains(entry, "%")
	regex.match(`%(?:[^0-9A-Fa-f]|[0-9A-Fa-f][^0-9A-Fa-f]|[0-9A-Fa-f]?$)`, entry)
} else := "a user name" if {
	contains(_authority(entry), "@")
} else := _fault_of_host(entry, _host(entry)) if {
	scheme in uri.web_schemes
}

# All that a URI may have (RFC 3986 §2). Trimming is the cheapest look at every character of a text.
_characters := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%"

# What stands between the slashes: user information, host and port. Only for what has no fragment.
default _authority(_) := ""

_authority(entry) := split(split(rest, "/")[0], "?")[0] if {
	parts := split(entry, "//")
	endswith(parts[0], ":")
	rest := concat("//", array.slice(parts, 1, count(parts)))
}

# Empty where readers disagree, or where there is none at all.
default _host(_) := ""

_host(entry) := uri.host(entry)

_fault_of_host(_, "") := "no host that every reader agrees on"

_fault_of_host(entry, host) := "a host that is no exact one" if {
	host != ""
	not uri.exact_host(host)

	# The spellings of loopback that are certain are a matter of oauth/loopback_redirect.
	not uri.loopback(entry)
} else := "a port that there is not" if {
	host != ""
	authority := _authority(entry)
	not _port_is_fine(authority)
}

# There is none, or it is one from 1 to 65535.
_port_is_fine(authority) if not contains(authority, ":")

_port_is_fine(authority) if endswith(authority, "]")

_port_is_fine(authority) if {
	port := split(authority, ":")[count(split(authority, ":")) - 1]
	regex.match(`^[1-9][0-9]{0,4}$`, port)
	to_number(port) <= 65535
}
