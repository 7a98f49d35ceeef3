# 8: `modes` is an object with members of any name here, and a value elsewhere
# 8: give the one or the other another name

package acme.kinds

modes := {"default": "ON"}

modes[k] := v if some k, v in input.ResourceConfig.UserPoolConfigs.Mfa.Settings

deny contains "none" if count(modes) == 0
