# Comprehensions, and functions over their values.
package good.comprehensions

_uris := input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs

_schemes := {scheme | some uri in _uris; [scheme, _] := split(uri, ":")}

_by_scheme[scheme] contains uri if {
	some uri in _uris
	scheme := split(uri, ":")[0]
}

_lengths := {uri: count(uri) | some uri in _uris}

deny contains msg if {
	count(_schemes) > 2
	msg := concat(", ", sort([scheme | some scheme in _schemes]))
}

deny_long contains uri if {
	some uri, length in _lengths
	length > max(array.concat([0], [n | n := to_number("200")]))
}

deny_http contains msg if {
	uris := _by_scheme.http
	msg := sprintf("%d are not encrypted", [count(uris)])
}

deny_any contains "something is wrong" if {
	true in {startswith(uri, "ftp:") | some uri in _uris}
}

deny_union contains name if {
	some name in ({"a"} | {"b"}) & {input.Target.AppName}
}
