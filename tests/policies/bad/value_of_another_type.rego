# 17: `input.ResourceConfig.UserPoolConfigs.Mfa` is an object, so it is never `"OFF"`
# 17: compare a member of it: `MFAMode`, `Settings`
# 19: is a list, so it is never `"OPENID"`
# 19: asks for a member
# 21: is a number, so it is never `"12"`
# 21: write the number without quotes
# 23: is true or false, so it is never `"true"`
# 25: is a text, so it is never `true`
# 27: is a list and no set
# 29: so the order says nothing
# 31: is a text, so it is never `111122223333`

package acme.types

_pool := input.ResourceConfig.UserPoolConfigs

deny_object contains "off" if _pool.Mfa == "OFF"

deny_list contains "OpenID" if _pool.OAuth.OAuthScopes == "OPENID"

deny_number contains "short" if _pool.PasswordPolicy.MinimumLength == "12"

deny_flag contains "guests" if input.ResourceConfig.IdentityPoolConfigs.UnauthenticatedLogin == "true"

deny_text contains "on" if _pool.Mfa.MFAMode == true

deny_set contains "scopes" if _pool.OAuth.OAuthScopes == {"OPENID"}

deny_order contains "short" if _pool.PasswordPolicy.MinimumLength < "12"

deny_account contains "ours" if input.Target.Account == 111122223333
