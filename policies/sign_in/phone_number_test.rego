package audit.sign_in.phone_number_test

import data.audit.lib.fixture_test as fixture
import data.audit.sign_in.phone_number

_path := "/ResourceConfig/UserPoolConfigs/SignInMethod"

test_other_methods_are_fine if {
	every method in ["EMAIL", "USERNAME"] {
		doc := fixture.patched({_path: method})
		count(phone_number.deny) == 0 with input as doc
	}
}

test_a_required_phone_number_is_fine if {
	doc := fixture.patched({"/ResourceConfig/UserPoolConfigs/RequiredSignUpAttributes": ["PHONE_NUMBER"]})
	count(phone_number.deny) == 0 with input as doc
}

test_phone_number_is_found if {
	doc := fixture.patched({_path: "PHONE_NUMBER"})
	fixture.paths(phone_number.deny) == [_path] with input as doc
	fixture.actuals(phone_number.deny) == {_path: "PHONE_NUMBER"} with input as doc
	fixture.expectations(phone_number.deny) == {_path: "EMAIL"} with input as doc
	fixture.says(phone_number.deny, "SignInMethod is PHONE_NUMBER:") with input as doc
}

test_a_choice_is_found_too_one_level_lower if {
	doc := fixture.patched({_path: "EMAIL_AND_PHONE_NUMBER"})
	fixture.actuals(phone_number.deny) == {_path: "EMAIL_AND_PHONE_NUMBER"} with input as doc
	fixture.severities(phone_number.deny) == {_path: "low"} with input as doc
	fixture.says(phone_number.deny, "who chose a number") with input as doc
}

test_absent_is_found_and_said if {
	every doc in [{}, {"ResourceConfig": {"UserPoolConfigs": null}}, fixture.patched({_path: null})] {
		fixture.paths(phone_number.deny) == [_path] with input as doc
		fixture.actuals(phone_number.deny) == {_path: null} with input as doc
		fixture.severities(phone_number.deny) == {_path: "base"} with input as doc
		fixture.says(phone_number.deny, "absent") with input as doc
	}
}

test_anything_but_a_documented_method_is_found_and_named if {
	every method in ["phone_number", "email", "EMAIL ", "username", "PASSKEY", "", true, 1, [], ["EMAIL"], {}] {
		doc := fixture.patched({_path: method})
		fixture.paths(phone_number.deny) == [_path] with input as doc
		fixture.actuals(phone_number.deny) == {_path: method} with input as doc
		fixture.says(phone_number.deny, sprintf("`%v`", [method])) with input as doc
		fixture.says(phone_number.deny, "cannot be ruled out") with input as doc
	}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		every method in ["PHONE_NUMBER", null] {
			doc := fixture.patched({_path: method, "/Target/Stage": stage})
			fixture.severities(phone_number.deny) == {_path: "base"} with input as doc
		}
	}
}
