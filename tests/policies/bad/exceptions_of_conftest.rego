# 8: `exception` excepts nothing
# 8: accept a finding with a [[waiver]] in audit.toml

package acme.exceptions

deny_mfa contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"

exception contains ["mfa"] if input.Target.Stage == "development"
