# What users read.
package acme.message

import data.audit.lib.stage

# METADATA
# title: The verification e-mail has Amplify's default text
# description: Users take an e-mail that names nobody for phishing, or learn to trust what is.
# custom:
#   remediation: Write subject and message with `amplify update auth`, under the name that users know.
#   path: /ResourceConfig/UserPoolConfigs/VerificationMessage/EmailSettings/EmailSubject
warn_default_text contains msg if {
	stage.strict
	input.ResourceConfig.UserPoolConfigs.VerificationMessage.EmailSettings.EmailSubject in _defaults
	msg := "the subject of the verification e-mail does not say who sends it"
}

# Absent, Cognito sends its own.
_defaults := {"Your verification code", null}
