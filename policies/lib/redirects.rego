# A look at all redirects at once, before the rules look at each: nearly every list has nothing but plain https
# URIs, and to go through it costs more than all other rules together.
package audit.lib.redirects

# Whether every redirect is one that no rule on redirects could object to. What only looks unusual is not plain.
default plain := false

plain if {
	oauth := input.ResourceConfig.UserPoolConfigs.OAuth
	regex.match(_plain_lists, json.marshal([oauth.RedirectSignInURIs, oauth.RedirectSignOutURIs]))
}

# Two lists of https URIs. The host is a name whose last part is made of two to eight letters: neither an address, in
# whatever spelling, nor `localhost`, which has nine. Then a path of plain characters.
_plain_lists := `^\[(?:\[\]|\["https://(?:[a-z0-9-]+\.)+[a-z]{2,8}(?:/[A-Za-z0-9._~/-]*)?"(?:,"https://(?:[a-z0-9-]+\.)+[a-z]{2,8}(?:/[A-Za-z0-9._~/-]*)?")*\]),(?:\[\]|\["https://(?:[a-z0-9-]+\.)+[a-z]{2,8}(?:/[A-Za-z0-9._~/-]*)?"(?:,"https://(?:[a-z0-9-]+\.)+[a-z]{2,8}(?:/[A-Za-z0-9._~/-]*)?")*\])\]$`
