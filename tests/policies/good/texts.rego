# Functions of texts, numbers, sets and JSON that policies use much.
package good.texts

_uris := input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs

deny_expression contains uri if {
	some uri in _uris
	regex.match(`^http://[^/]*\.example\.com(:\d{1,5})?/`, uri)
}

deny_glob contains uri if {
	some uri in _uris
	glob.match("http://*", ["/"], uri)
}

deny_parts contains host if {
	some uri in _uris
	host := trim_suffix(split(trim_prefix(uri, "https://"), "/")[0], ":443")
	indexof(host, "@") != -1
}

deny_case contains msg if {
	msg := sprintf("%v %s %d %q", [upper(input.Target.Environment), lower("X"), 3, "q"])
	contains(msg, "TEST")
}

deny_account contains "another account" if not input.Target.Account in {"111122223333"}

deny_json contains "labels" if {
	json.unmarshal(json.marshal(input.Target.Labels)) != input.Target.Labels
}

deny_range contains "the length" if not input.ResourceConfig.UserPoolConfigs.PasswordPolicy.MinimumLength in numbers.range(8, 99)

deny_type contains type_name(input.SchemaVersion) if type_name(input.SchemaVersion) != "number"

deny_output contains "many" if {
	count(_uris, n)
	n > 20
}
