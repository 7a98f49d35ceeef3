# 14: `input.ResourceConfig.UserPoolConfigs.OAuth` is an object, so it is never `null`
# 14: where it is absent, its members are `null`: compare one of them
# 16: is an object, so it is never `{}`
# 18: is an object, so it is never `null`
# 20: `input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes` is a list, so it is never `null`
# 20: what is absent is `[]`
# 22: is a list, so it is never `null`
# 24: is an object, so it is never `null`
# 26: what is absent is `{}`

package acme.oauth

# Each of these is never true: objects have all their members, and lists are there.
deny_a contains "no OAuth" if input.ResourceConfig.UserPoolConfigs.OAuth == null

deny_b contains "no OAuth" if input.ResourceConfig.UserPoolConfigs.OAuth == {}

deny_c contains "no OAuth" if is_null(input.ResourceConfig.UserPoolConfigs.OAuth)

deny_d contains "no scopes" if input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes == null

deny_e contains "no scopes" if is_null(input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes)

deny_f contains "no OAuth" if input.ResourceConfig.UserPoolConfigs.OAuth in {null, {}}

deny_g contains "no labels" if input.Target.Labels == null
