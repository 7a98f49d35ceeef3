# As much of a URI as the redirect rules need. There is no builtin for it in every engine we run on.
#
# The text is read as a browser reads it where that is unambiguous (white space around it and line
# breaks in it do not count, case does not matter). Where readers disagree, as on
# `http://localhost\@example.com/`, there is no host. A rule must then not spare the URI: say
# `not uri.loopback(text)`, never `uri.host(text) != "…"`, which is silent where there is no host.
package audit.lib.uri

# The scheme in lower case. Undefined for what is no string or has none.
scheme(text) := lower(match[0][1]) if {
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
loopback(text) if _is_loopback(host(text))

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
