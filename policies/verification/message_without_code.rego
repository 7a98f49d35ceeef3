package audit.verification.message_without_code

# METADATA
# scope: rule
# title: Message to users carries no code
# description: >-
#   Cognito puts the code where the message says {####}. A message without it tells users to type a code that
#   they never get: nobody can confirm an account, or reset a password, and people work around that by
#   confirming users by hand. Cognito itself refuses such a message, so the settings seen here are often not the
#   ones in force. A message is judged where its delivery method may use it; one that is empty counts as not
#   set. Verification by e-mail may carry a link, as {##Verify##}, instead; a reset never does. A Lambda trigger
#   (custom message, custom sender) may replace the message, which cannot be seen here.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-message-customizations.html
#     description: Verification and invitation messages of a user pool
#   - ref: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-cognito-userpool-verificationmessagetemplate.html
#     description: VerificationMessageTemplate, with the pattern of each message
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-message.html
#     description: Custom message Lambda trigger
# custom:
#   severity: medium
#   remediation: >-
#     Put {####} into the message where the code belongs and push. Then sign up, and reset a password, as a user
#     would. Compare with what is in force: `aws cognito-idp describe-user-pool --user-pool-id POOL --query
#     UserPool.VerificationMessageTemplate`. If a Lambda trigger writes the messages of this pool, waive this
#     with that reason.
#   references:
#     - Amazon Cognito API VerificationMessageTemplateType
#   tags: [verification, recovery]
#   path: /ResourceConfig/UserPoolConfigs/VerificationMessage/EmailSettings/EmailMessage
deny contains finding if {
	some path, message in _used

	# Absent, or empty, which Cognito cannot hold: its default is in force.
	not message in {null, ""}
	not _carries(path, message)
	finding := {
		"msg": _complaint(path, message),
		"path": path,
		"expected": "{####}",
		"actual": message,
	}
}

_verification_email := "/ResourceConfig/UserPoolConfigs/VerificationMessage/EmailSettings/EmailMessage"

_used["/ResourceConfig/UserPoolConfigs/VerificationMessage/EmailSettings/EmailMessage"] := message if {
	_verification != "SMS"
	message := input.ResourceConfig.UserPoolConfigs.VerificationMessage.EmailSettings.EmailMessage
}

_used["/ResourceConfig/UserPoolConfigs/VerificationMessage/SmsSettings/SmsMessage"] := message if {
	_verification != "EMAIL"
	message := input.ResourceConfig.UserPoolConfigs.VerificationMessage.SmsSettings.SmsMessage
}

_used["/ResourceConfig/UserPoolConfigs/ForgotPassword/EmailSettings/EmailMessage"] := message if {
	_recovery != "SMS"
	message := input.ResourceConfig.UserPoolConfigs.ForgotPassword.EmailSettings.EmailMessage
}

_used["/ResourceConfig/UserPoolConfigs/ForgotPassword/SmsSettings/SmsMessage"] := message if {
	_recovery != "EMAIL"
	message := input.ResourceConfig.UserPoolConfigs.ForgotPassword.SmsSettings.SmsMessage
}

# Whichever is neither absent nor documented may use either message.
default _verification := null

_verification := input.ResourceConfig.UserPoolConfigs.VerificationMessage.DeliveryMethod

default _recovery := null

_recovery := input.ResourceConfig.UserPoolConfigs.ForgotPassword.DeliveryMethod

_carries(_, message) if {
	is_string(message)
	contains(message, "{####}")
}

# {## text ##}, with the end behind the beginning.
_carries(path, message) if {
	path == _verification_email
	is_string(message)
	start := indexof(message, "{##")
	start >= 0
	contains(substring(message, start + 3, -1), "##}")
}

_complaint(path, message) := sprintf("%s is no text, so nothing shows that it carries the code", [_name(path)]) if {
	not is_string(message)
} else := sprintf("%s has neither {####} nor a link like {##Verify##}: users get no code", [_name(path)]) if {
	path == _verification_email
} else := sprintf("%s has no {####}: users get no code", [_name(path)])

# `VerificationMessage.EmailSettings.EmailMessage`.
_name(path) := concat(".", array.slice(split(path, "/"), 3, 6))
