# 5: asks for a member

package acme.scope

deny contains "e-mail is asked for" if input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes.EMAIL
