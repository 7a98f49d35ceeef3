# 22: `contains` cannot be called with `_scopes`, which is a list
# 22: is asked with `in`
# 24: `count` cannot be called with `_pool.PasswordPolicy.MinimumLength`
# 26: `sprintf` cannot be called with `input.Target.Id`
# 26: put the values in brackets
# 28: `startswith` cannot be called with `1`, which is a number
# 30: regex.match: the pattern `(` cannot be used
# 34: this format asks for 2 values, and gets 1
# 36: `count` answers with a number, and `"0"` is a text
# 38: `lower` never answers with `Shop`
# 40: `"1"` is a text, and must be a number
# 42: `concat` cannot be called with `_separator`

package acme.arguments

_pool := input.ResourceConfig.UserPoolConfigs

_scopes := _pool.OAuth.OAuthScopes

_separator := 1

deny_list contains "OpenID" if not contains(_scopes, "OPENID")

deny_number contains "short" if count(_pool.PasswordPolicy.MinimumLength) < 12

deny_values contains sprintf("%s", input.Target.Id) if true

deny_text contains "x" if startswith(1, "a")

deny_pattern contains "x" if regex.match("(", input.Target.Id)

deny_format contains msg if {
	format := "%s in %s"
	msg := sprintf(format, [input.Target.Id])
}
deny_count contains "none" if count(_scopes) == "0"

deny_casing contains "shop" if lower(input.Target.AppName) == "Shop"

deny_sum contains "x" if _pool.PasswordPolicy.MinimumLength + "1" > 3

deny_constant contains concat(_separator, _scopes) if true
