package audit.verification.message_without_code_test

import data.audit.lib.fixture_test as fixture
import data.audit.verification.message_without_code

_settings := "/ResourceConfig/UserPoolConfigs"

_email(block) := sprintf("%s/%s/EmailSettings/EmailMessage", [_settings, block])

_sms(block) := sprintf("%s/%s/SmsSettings/SmsMessage", [_settings, block])

_method(block) := sprintf("%s/%s/DeliveryMethod", [_settings, block])

_blocks := ["VerificationMessage", "ForgotPassword"]

_doc(block, method, email, sms) := fixture.patched({
	_method(block): method,
	_email(block): email,
	_sms(block): sms,
})

test_messages_with_the_code_are_fine if {
	count(message_without_code.deny) == 0 with input as fixture.good
	every block in _blocks {
		every message in ["{####}", "Your code is {####}", "<b>{####}</b>\n{####}", "{{####}}", "{#####}{####}"] {
			every method in ["EMAIL", "SMS", null] {
				doc := _doc(block, method, message, message)
				count(message_without_code.deny) == 0 with input as doc
			}
		}
	}
}

test_a_message_without_the_code_is_found if {
	every block in _blocks {
		every message in ["Welcome!", "{###}", "{#### }", "####", "{username}", "{##}", "##}{##", " ", "{####", "{＃＃＃＃}"] {
			by_email := _doc(block, "EMAIL", message, null)
			fixture.paths(message_without_code.deny) == [_email(block)] with input as by_email
			fixture.actuals(message_without_code.deny) == {_email(block): message} with input as by_email
			fixture.expectations(message_without_code.deny) == {_email(block): "{####}"} with input as by_email
			fixture.severities(message_without_code.deny) == {_email(block): "base"} with input as by_email
			fixture.says(message_without_code.deny, sprintf("%s.EmailSettings.EmailMessage has ", [block]))
				with input as by_email
			by_sms := _doc(block, "SMS", null, message)
			fixture.paths(message_without_code.deny) == [_sms(block)] with input as by_sms
			fixture.actuals(message_without_code.deny) == {_sms(block): message} with input as by_sms
			fixture.says(message_without_code.deny, sprintf("%s.SmsSettings.SmsMessage has no {####}", [block]))
				with input as by_sms
		}
	}
}

test_a_link_will_do_for_verification_by_email if {
	every message in ["{##Verify##}", "Click {##here, please##} now", "{####}", "{##{##x##}", "{##\n##}"] {
		doc := _doc("VerificationMessage", "EMAIL", message, null)
		count(message_without_code.deny) == 0 with input as doc
	}
}

test_a_link_will_not_do_elsewhere if {
	link := "Click {##here##}"
	every case in [
		{"doc": _doc("VerificationMessage", "SMS", null, link), "path": _sms("VerificationMessage")},
		{"doc": _doc("ForgotPassword", "SMS", null, link), "path": _sms("ForgotPassword")},
		{"doc": _doc("ForgotPassword", "EMAIL", link, null), "path": _email("ForgotPassword")},
	] {
		doc := case.doc
		fixture.paths(message_without_code.deny) == [case.path] with input as doc
		fixture.says(message_without_code.deny, "has no {####}") with input as doc
	}
}

test_a_message_that_is_not_used_is_fine if {
	every block in _blocks {
		by_email := _doc(block, "EMAIL", "{####}", "Welcome!")
		count(message_without_code.deny) == 0 with input as by_email
		by_sms := _doc(block, "SMS", "Welcome!", "{####}")
		count(message_without_code.deny) == 0 with input as by_sms
	}
}

test_a_method_that_is_not_known_may_use_either if {
	every block in _blocks {
		every method in [null, "email", "PIGEON", "", 7, [], {}] {
			doc := _doc(block, method, "Welcome!", "Welcome!")
			fixture.paths(message_without_code.deny) == sort([_email(block), _sms(block)]) with input as doc
		}
	}
}

test_a_message_that_is_not_set_is_fine if {
	every block in _blocks {
		every method in ["EMAIL", "SMS", null] {
			every message in [null, ""] {
				doc := _doc(block, method, message, message)
				count(message_without_code.deny) == 0 with input as doc
			}
		}
	}
}

test_what_is_no_text_cannot_be_judged if {
	every block in _blocks {
		every message in [7, true, false, [], ["{####}"], {}, {"{####}": 1}] {
			doc := _doc(block, "EMAIL", message, null)
			fixture.paths(message_without_code.deny) == [_email(block)] with input as doc
			fixture.actuals(message_without_code.deny) == {_email(block): message} with input as doc
			fixture.says(message_without_code.deny, "is no text") with input as doc
		}
	}
}

test_a_document_without_the_members_is_fine if {
	every doc in [
		{},
		{"ResourceConfig": null},
		{"ResourceConfig": {"UserPoolConfigs": {"VerificationMessage": {"EmailSettings": null}}}},
	] {
		count(message_without_code.deny) == 0 with input as doc
	}
}

test_a_document_without_a_method_may_use_the_message if {
	settings := {"EmailSettings": {"EmailMessage": "Welcome!"}}
	doc := {"ResourceConfig": {"UserPoolConfigs": {"VerificationMessage": settings}}}
	fixture.paths(message_without_code.deny) == [_email("VerificationMessage")] with input as doc
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_email("ForgotPassword"): "Welcome!", "/Target/Stage": stage})
		fixture.severities(message_without_code.deny) == {_email("ForgotPassword"): "base"} with input as doc
	}
}
