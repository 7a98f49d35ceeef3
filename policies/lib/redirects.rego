# The redirects that the rules look at. Nearly every entry is a plain https URI, which none of them objects to; what is
# left is much the same in all of a company's apps, so that it is judged once.
package audit.lib.redirects

# The entries of each list that some rule could object to, in their order, and what stands where a list should.
# Lists without any are left out.
unusual := {name: entries |
	some name, uris in _lists
	entries := _unusual(uris)
	not entries in {[], null}
}

_lists["RedirectSignInURIs"] := input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs

_lists["RedirectSignOutURIs"] := input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignOutURIs

_unusual(uris) := [entry | some entry in uris; not _plain(entry)] if is_array(uris)

_unusual(uris) := uris if not is_array(uris)

# An https URI. The host is a name whose last part is made of two to eight letters: neither an address, in whatever
# spelling, nor `localhost`, which has nine. Then a path of plain characters.
_plain(entry) if {
	is_string(entry)
	regex.match(`^https://(?:[a-z0-9-]+\.)+[a-z]{2,8}(?:/[A-Za-z0-9._~/-]*)?$`, entry)
}
