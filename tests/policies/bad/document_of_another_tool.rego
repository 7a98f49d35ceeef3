# 6: `input.resource_changes` is in no document

package acme.mfa

deny contains "MFA is off" if {
	some change in input.resource_changes
	change.type == "aws_cognito_user_pool"
	change.change.after.mfa_configuration == "OFF"
}
