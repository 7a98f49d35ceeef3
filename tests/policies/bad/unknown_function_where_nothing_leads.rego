# 8: did you mean `regex.match`?

package acme.redirect

deny contains uri if {
	some uri in input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs
	uri == "never"
	regx.match(`^http:`, uri)
}
