package acme.message_test

import data.acme.message

_document(stage, subject) := {
	"Target": {"Stage": stage},
	"ResourceConfig": {"UserPoolConfigs": {"VerificationMessage": {"EmailSettings": {"EmailSubject": subject}}}},
}

test_a_default_text_is_found if {
	every subject in ["Your verification code", null] {
		count(message.warn_default_text) == 1 with input as _document("production", subject)
	}
}

test_a_text_of_ones_own_is_fine if {
	message.warn_default_text == set() with input as _document("production", "Welcome to Acme")
}

test_other_environments_may_keep_it if {
	message.warn_default_text == set() with input as _document("development", null)
}
