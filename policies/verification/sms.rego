package audit.verification.sms

# METADATA
# scope: rule
# title: New users are verified by SMS
# description: >-
#   Anybody may sign up, and each time a code is sent by SMS: premium-rate fraud (SMS pumping) turns that into a
#   bill. A number that was verified so proves little, because numbers change hands, and Cognito uses it for
#   recovery from then on. A delivery method that is absent from the settings of verification, or that is no
#   documented one, may be SMS.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-sms-settings.html
#     description: SMS message settings of a user pool, which advise against SMS
# custom:
#   severity: low
#   remediation: >-
#     Verify an e-mail address instead: set DeliveryMethod of the verification message to EMAIL (in Amplify
#     Studio, or the automatically verified attributes in the Amplify project) and push. Users need an e-mail
#     address for that, so require it at sign-up or ask for it. Where phone numbers are what people have, keep
#     SMS, set a monthly spending limit and the countries that you serve in AWS End User Messaging SMS, put AWS
#     WAF before sign-up, and waive this.
#   references:
#     - OWASP API Security Top 10 2023 API4
#   tags: [verification, sms]
#   path: /ResourceConfig/UserPoolConfigs/VerificationMessage/DeliveryMethod
deny contains finding if {
	_in_question
	finding := {
		"msg": _message,
		"path": "/ResourceConfig/UserPoolConfigs/VerificationMessage/DeliveryMethod",
		"expected": "EMAIL",
		"actual": _method,
	}
}

default _method := null

_method := input.ResourceConfig.UserPoolConfigs.VerificationMessage.DeliveryMethod

_in_question if not _method in {"EMAIL", null}

# The block is there, whatever it holds, and lacks the method. Without the block there is nothing to judge.
_in_question if {
	_method == null
	is_array(input.Missing)
	"/ResourceConfig/UserPoolConfigs/VerificationMessage/DeliveryMethod" in input.Missing
}

_message := "VerificationMessage.DeliveryMethod is SMS: everybody who signs up can have text messages sent" if {
	_method == "SMS"
} else := "VerificationMessage.DeliveryMethod is absent, so verification by SMS cannot be ruled out" if {
	_method == null
} else := sprintf(
	"VerificationMessage.DeliveryMethod is `%v`, which is no documented method, so SMS cannot be ruled out",
	[_method],
)
