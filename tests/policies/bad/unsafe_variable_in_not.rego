# 6: `i` is unsafe

package acme.scope

deny contains "OPENID is not asked for" if {
	not input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes[i] == "OPENID"
}
