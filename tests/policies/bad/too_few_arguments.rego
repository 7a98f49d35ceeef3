# 7: `startswith` takes 2 arguments, not 1

package acme.redirect

deny contains uri if {
	some uri in input.ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs
	startswith(uri)
}
