# 7: `_is_short` takes 1 argument

package acme.password

deny contains "passwords may be short" if {
	policy := input.ResourceConfig.UserPoolConfigs.PasswordPolicy
	_is_short(policy, 12)
}

_is_short(policy) if policy.MinimumLength < 12
