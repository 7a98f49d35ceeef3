# 8: there is no function `start_with`
# 8: did you mean `startswith`?

package acme.redirect

deny contains uri if {
	some uri in input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs
	start_with(uri, "http:")
}
