# 6: did you mean `OAuthScopes`?

package acme.scope

deny contains "too many scopes" if {
	scopes := {scope | some scope in input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScope}
	count(scopes) > 3
}
