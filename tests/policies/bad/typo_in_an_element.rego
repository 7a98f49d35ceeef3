# 7: did you mean `ClientId`?

package acme.social

deny contains msg if {
	some name, provider in input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings
	provider.ClientID != null
	msg := sprintf("users sign in with %s", [name])
}
