# 6: is in no document

package acme.redirect

deny contains msg if {
	some uri in input.ResourceConfig.UserPoolConfigs.OAuth.RedirectURIs
	startswith(uri, "http:")
	msg := sprintf("%s is not encrypted", [uri])
}
