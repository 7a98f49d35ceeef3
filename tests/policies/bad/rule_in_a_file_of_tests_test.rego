# 6: `deny` stands in a file of tests, so nothing judges by it
# 6: give the file a name that does not end in `_test.rego`

package acme.load_test

deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
