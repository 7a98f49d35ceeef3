package audit.verification.sms_test

import data.audit.lib.fixture_test as fixture
import data.audit.verification.sms

_path := "/ResourceConfig/UserPoolConfigs/VerificationMessage/DeliveryMethod"

test_email_is_fine if {
	count(sms.deny) == 0 with input as fixture.good
}

test_recovery_by_sms_is_another_matter if {
	doc := fixture.patched({"/ResourceConfig/UserPoolConfigs/ForgotPassword/DeliveryMethod": "SMS"})
	count(sms.deny) == 0 with input as doc
}

test_sms_is_found if {
	doc := fixture.patched({_path: "SMS"})
	fixture.paths(sms.deny) == [_path] with input as doc
	fixture.actuals(sms.deny) == {_path: "SMS"} with input as doc
	fixture.expectations(sms.deny) == {_path: "EMAIL"} with input as doc
	fixture.says(sms.deny, "DeliveryMethod is SMS:") with input as doc
}

test_anything_but_a_documented_method_is_found_and_named if {
	every method in ["sms", "SMS ", "email", "EMAIL ", "PHONE", "", true, false, 0, [], ["EMAIL"], {}] {
		doc := fixture.patched({_path: method})
		fixture.paths(sms.deny) == [_path] with input as doc
		fixture.actuals(sms.deny) == {_path: method} with input as doc
		fixture.says(sms.deny, sprintf("`%v`", [method])) with input as doc
		fixture.says(sms.deny, "cannot be ruled out") with input as doc
	}
}

test_a_block_without_a_method_is_found if {
	doc := fixture.patched({_path: null, "/Missing": [_path]})
	fixture.paths(sms.deny) == [_path] with input as doc
	fixture.actuals(sms.deny) == {_path: null} with input as doc
	fixture.says(sms.deny, "absent") with input as doc
}

test_without_the_block_there_is_nothing_to_judge if {
	every missing in [[], null, "", {}, ["/ResourceConfig/UserPoolConfigs/UserPoolName"]] {
		doc := fixture.patched({_path: null, "/Missing": missing})
		count(sms.deny) == 0 with input as doc
	}
	every doc in [{}, {"ResourceConfig": {"UserPoolConfigs": {"VerificationMessage": null}}}] {
		count(sms.deny) == 0 with input as doc
	}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_path: "SMS", "/Target/Stage": stage})
		fixture.severities(sms.deny) == {_path: "base"} with input as doc
	}
}
