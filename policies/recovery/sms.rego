package audit.recovery.sms

# METADATA
# scope: rule
# title: Forgotten passwords are reset by SMS
# description: >-
#   Whoever gets hold of a phone number, by a SIM swap, by number porting, or because the carrier gave it to
#   somebody else, resets the password and owns the account. Where SMS is a second factor as well, one phone
#   number is all there is to an account. Every code costs money, which premium-rate fraud exploits. A delivery
#   method that is absent from the settings of recovery, or that is no documented one, may be SMS. These
#   settings are deprecated in the API: what is in force is the AccountRecoverySetting of the live pool.
# related_resources:
#   - ref: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-cognito-userpool-accountrecoverysetting.html
#     description: AccountRecoverySetting of a user pool
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-sms-settings.html
#     description: SMS message settings of a user pool, which advise against SMS
#   - ref: https://docs.amplify.aws/gen1/react/build-a-backend/auth/override-cognito/
#     description: Override Amplify-generated Cognito resources
# custom:
#   severity: medium
#   remediation: >-
#     Look first at what is in force: `aws cognito-idp describe-user-pool --user-pool-id POOL --query
#     UserPool.AccountRecoverySetting`. Where that is empty, Cognito prefers SMS. Then let recovery go by e-mail
#     alone: run `amplify override auth`, set `resources.userPool.accountRecoverySetting = { recoveryMechanisms:
#     [{ name: "verified_email", priority: 1 }] }` in override.ts, and push. Users without a verified e-mail
#     address cannot recover their password then: collect one first. With any AccountRecoverySetting Cognito
#     does not use SMS for who has SMS as a second factor. Do not use `aws cognito-idp update-user-pool` for
#     this alone, because it resets every setting that is not given to it.
#   references:
#     - CWE-640
#     - OWASP ASVS 5.0 6.4.3
#     - OWASP API Security Top 10 2023 API4
#   tags: [recovery, sms]
#   path: /ResourceConfig/UserPoolConfigs/ForgotPassword/DeliveryMethod
deny contains finding if {
	_in_question
	finding := object.union(_severity, {
		"msg": sprintf("%s%s", [_message, _factor]),
		"path": "/ResourceConfig/UserPoolConfigs/ForgotPassword/DeliveryMethod",
		"expected": "EMAIL",
		"actual": _method,
	})
}

default _method := null

_method := input.ResourceConfig.UserPoolConfigs.ForgotPassword.DeliveryMethod

_in_question if not _method in {"EMAIL", null}

# The block is there, whatever it holds, and lacks the method. Without the block there is nothing to judge.
_in_question if {
	_method == null
	is_array(input.Missing)
	"/ResourceConfig/UserPoolConfigs/ForgotPassword/DeliveryMethod" in input.Missing
}

_message := "ForgotPassword.DeliveryMethod is SMS: who has the phone number can set a new password" if {
	_method == "SMS"
} else := "ForgotPassword.DeliveryMethod is absent, so recovery by SMS cannot be ruled out" if {
	_method == null
} else := sprintf(
	"ForgotPassword.DeliveryMethod is `%v`, which is no documented method, so recovery by SMS cannot be ruled out",
	[_method],
)

default _severity := {}

_severity := {"severity": "high"} if _sms_is_a_factor

default _factor := ""

_factor := ", and SMS is a second factor as well" if _sms_is_a_factor

# Where MFA is off the types mean nothing (the Amplify CLI's default is OFF with SMS). Any other mode may use them.
_sms_is_a_factor if {
	_mode != "OFF"
	_may_have_sms(input.ResourceConfig.UserPoolConfigs.Mfa.Settings.MfaTypes)
}

default _mode := null

_mode := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode

_may_have_sms(types) if {
	is_array(types)
	"SMS" in types
}

# What is neither a list nor absent may say SMS.
_may_have_sms(types) if {
	not is_array(types)
	types != null
}
