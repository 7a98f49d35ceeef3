# 7: default

package acme.mfa

default _mode := "OFF"

default _mode := "ON"

_mode := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode

deny contains "MFA is off" if _mode == "OFF"
