# 7: recursion, which Rego does not have

package acme.length

deny contains "it is odd" if _is_odd(input.ResourceConfig.UserPoolConfigs.PasswordPolicy.MinimumLength)

_is_even(n) if _is_odd(n - 1)

_is_odd(n) if _is_even(n - 1)
