# 6: inside `not` nothing is looked for

package acme.scope

deny contains "OPENID is not asked for" if {
	not input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes[_] == "OPENID"
}
