# 11: `modes.mfa` lies within `modes`
# 11: write all members in one way
# 15: `kinds.a` lies within `kinds`

package acme.modes

import rego.v1

modes[k] := v if some k, v in {"default": "ON"}

modes.mfa := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode

kinds[k] contains "q" if some k in ["a"]

kinds.a contains x if some x in ["b"]

deny contains "MFA is off" if "OFF" in modes

deny contains "q" if "q" in kinds.a
