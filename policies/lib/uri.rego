# As much of a URI as the redirect rules need. There is no builtin for it in every engine we run on.
#
# The text is read as a browser reads it where that is unambiguous (white space around it and line
# breaks in it do not count, case does not matter). Where readers disagree, as on
# `http://localhost\@example.com/`, there is no host. A rule must then not spare the URI: say
# `not uri.loopback(text)`, never `uri.host(text) != "…"`, which is silent where there is no host.
package audit.lib.uri

# The scheme in lower case. Undefined for what is no string or has none.
# What nearly every URI begins with needs no expression.
scheme(text) := "https" if {
	is_string(text)
	startswith(text, "https:")
} else := "http" if {
	is_string(text)
	startswith(text, "http:")
} else := lower(match[0][1]) if {
	is_string(text)
	match := regex.find_all_string_submatch_n(`^([A-Za-z][A-Za-z0-9+.-]*):`, _trimmed(text), 1)
}

# The host in lower case, without user information, port and the dot of a fully qualified name; an
# IPv6 address in its brackets. Undefined where the URI has no authority or a malformed one.
host(text) := trim_suffix(lower(match[0][1]), ".") if {
	is_string(text)
	match := regex.find_all_string_submatch_n(_authority, _trimmed(text), 1)
}

# Whether the host surely is the machine of whoever opens the URI: localhost and the names under it
# (RFC 6761 §6.3), 127.0.0.0/8 in four decimal parts, and ::1. Not the unusual spellings that some
# resolvers take (127.1, 0x7f000001): `loopback` excuses plain http, so it is only for what is certain.
loopback(text) if {
	is_string(text)
	_hints_at_loopback(lower(_trimmed(text)))
	_is_loopback(host(text))
}

_hints_at_loopback(text) if contains(text, "localhost")

_hints_at_loopback(text) if contains(text, "127.")

_hints_at_loopback(text) if contains(text, "[")

# The text for messages, without user information: it may be a password, and messages go far.
printable(text) := regex.replace(text, `[/\\]{2}[^/?#]*@`, "//…@") if {
	contains(text, "@")
} else := text

# Whether a host, as `host` gives it, is one certain machine's or service's: a host name, an IPv4 address in
# four decimal parts, or an IPv6 address. Not the spellings that browsers and resolvers turn into another
# address (127.1, 0x7f000001, 2130706433, [::ffff:127.0.0.1]), nor the addresses of no machine in particular
# (0.0.0.0, [::]), most of which lead to the machine of whoever opens the URI.
exact_host(name) if {
	not startswith(name, "[")
	_exact_name_or_ipv4(name)
}

exact_host(name) if {
	startswith(name, "[")
	_exact_ipv6(trim(name, "[]"))
}

# The scheme in lower case of a URI that is handed to an app instead of a browser. Undefined for the web's
# schemes, for those that belong to nobody's app, and where the text is a host and a port.
private_scheme(text) := found if {
	is_string(text)

	# Saves the rest for nearly every URI.
	not startswith(text, "https:")
	found := scheme(text)
	not found in web_schemes
	not found in foreign_schemes
	not host_and_port(text)
}

# Whether a scheme in lower case is one of Expo Go or of an Expo development build, which open whatever
# project is being worked on.
expo_scheme(name) if name in {"exp", "exps"}

expo_scheme(name) if startswith(name, "exp+")

# Whether the text has no scheme but only looks as if: `localhost:3000`, `shop.example.com:8443/callback`.
host_and_port(text) if {
	found := scheme(text)
	not found in web_schemes
	regex.match(`^[A-Za-z][A-Za-z0-9+.-]*:[0-9]+(?:[/?#]|$)`, _trimmed(text))
}

# Schemes of what a browser opens.
web_schemes := {"http", "https"}

# Schemes that run what stands in the URI, read what lies on the device, or belong to a protocol that takes no
# answer of an authorization server: what is sent there goes to no app that somebody could call their own.
foreign_schemes := {
	"about",
	"android-app",
	"blob",
	"chrome",
	"content",
	"data",
	"file",
	"filesystem",
	"ftp",
	"ftps",
	"gopher",
	"intent",
	"jar",
	"javascript",
	"ldap",
	"mailto",
	"resource",
	"sftp",
	"sms",
	"ssh",
	"tel",
	"telnet",
	"urn",
	"vbscript",
	"view-source",
	"ws",
	"wss",
}

# To a browser a host whose last part is a number is an IPv4 address (WHATWG URL §3.5).
_exact_name_or_ipv4(name) if {
	regex.match(`^(?:[a-z0-9_-]+\.)*[a-z0-9_-]+$`, name)
	not regex.match(`(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$`, name)
} else if {
	regex.match(`^[1-9][0-9]{0,2}(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}$`, name)
	to_number(split(name, ".")[0]) <= 255
}

# The block ::/8 is set aside: what is in it stands for an IPv4 address, for the own machine or for none.
_exact_ipv6(groups) if {
	regex.match(`^[1-9a-f][0-9a-f]{0,3}(?::[0-9a-f]{1,4}){7}$`, groups)
} else if {
	regex.match(`^[1-9a-f][0-9a-f]{0,3}(?::[0-9a-f]{1,4})*::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)?$`, groups)

	# Seven groups at most beside the ::, which stands for one at least.
	count([group | some group in split(groups, ":"); group != ""]) <= 7
}

# Expressions cost more than anything else here, so each stands behind a look at the text.
_is_loopback(name) if {
	endswith(name, "localhost")
	regex.match(`^(?:[a-z0-9_-]+\.)*localhost$`, name)
}

_is_loopback(name) if {
	startswith(name, "127.")
	regex.match(`^127(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}$`, name)
}

_is_loopback(name) if {
	startswith(name, "[")
	regex.match(`^\[(?:(?:0+:){7}|(?:0+(?::0+)*)?::(?:0+:)*)0*1\]$`, name)
}

# scheme://user information@host:port, up to the path, the query, the fragment or the end. No part may
# hold a backslash (to a browser it is a slash) and there may be one @ at most.
_authority := `^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@\\]*@)?(\[[0-9A-Fa-f:.]+\]|[^/?#@\\:\[\]]+)(?::[0-9]*)?(?:[/?#]|$)`

# WHATWG URL §4.4: tabs and line breaks are dropped everywhere, C0 controls and spaces at both ends.
_trimmed(text) := trim(replace(replace(replace(text, "\t", ""), "\n", ""), "\r", ""), _blanks)

_blanks := "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000a\u000b\u000c\u000d\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\u0020"
