# 7: did you mean `MinimumLength`?

package acme.password

deny contains "passwords may be short" if _is_short(input.ResourceConfig.UserPoolConfigs.PasswordPolicy)

_is_short(policy) if policy.MinLength < 12
