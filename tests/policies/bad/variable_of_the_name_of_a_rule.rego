# 9: `_scope` is the name of a rule or an import
# 9: give the variable another name

package acme.name_of_a_rule

_scope := "OPENID"

deny contains "x" if {
	some _scope in input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes
	_scope == "EMAIL"
}
