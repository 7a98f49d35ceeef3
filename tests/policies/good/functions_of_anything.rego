# Functions that are called with the document and with something else, and objects that rules put together.
package good.functions_of_anything

_pool := input.ResourceConfig.UserPoolConfigs

_member(object) := object.Maf

_by_name[name].settings := value if some name, value in _pool

_scopes_of[name] contains scope if some name, scope in _pool.OAuth.OAuthScopes

deny_members contains "x" if {
	_member({"Maf": 1}) == 1
	_member(_pool) == 2
}

deny_levels contains name if {
	some name
	_by_name[name].settings.MFAMode == "OFF"
	some scope in _scopes_of[0]
	scope == "EMAIL"
}
