package audit.recovery.no_recovery_attribute_test

import data.audit.lib.fixture_test as fixture
import data.audit.recovery.no_recovery_attribute as no_attribute

_path := "/ResourceConfig/UserPoolConfigs/RequiredSignUpAttributes"

_method := "/ResourceConfig/UserPoolConfigs/SignInMethod"

test_a_required_address_is_fine if {
	every attributes in [["EMAIL"], ["PHONE_NUMBER"], ["EMAIL", "PHONE_NUMBER"], ["NAME", "EMAIL", 7]] {
		every method in ["USERNAME", "EMAIL", null, "x"] {
			doc := fixture.patched({_method: method, _path: attributes})
			count(no_attribute.deny) == 0 with input as doc
		}
	}
}

test_who_signs_in_with_an_address_has_one if {
	every method in ["EMAIL", "EMAIL_AND_PHONE_NUMBER", "PHONE_NUMBER"] {
		every attributes in [[], null, ["NAME"], "EMAIL"] {
			doc := fixture.patched({_method: method, _path: attributes})
			count(no_attribute.deny) == 0 with input as doc
		}
	}
}

test_a_name_without_an_address_is_found if {
	every attributes in [[], ["NAME"], ["NICKNAME", "PREFERRED_USERNAME"]] {
		doc := fixture.patched({_method: "USERNAME", _path: attributes})
		fixture.paths(no_attribute.deny) == [_path] with input as doc
		fixture.actuals(no_attribute.deny) == {_path: attributes} with input as doc
		fixture.expectations(no_attribute.deny) == {_path: ["EMAIL"]} with input as doc
		fixture.says(no_attribute.deny, "SignInMethod is USERNAME and ") with input as doc
	}
}

test_other_spellings_and_types_are_no_address if {
	every attributes in [
		null,
		"EMAIL",
		7,
		true,
		{},
		{"EMAIL": true},
		{"a": "EMAIL"},
		["email"],
		["EMAIL "],
		[null],
		[["EMAIL"]],
	] {
		doc := fixture.patched({_method: "USERNAME", _path: attributes})
		fixture.paths(no_attribute.deny) == [_path] with input as doc
		fixture.actuals(no_attribute.deny) == {_path: attributes} with input as doc
	}
}

test_a_method_that_is_not_known_is_judged_like_a_name if {
	every method in ["username", "email", "EMAIL ", "", true, 7, [], ["EMAIL"], {}] {
		doc := fixture.patched({_method: method, _path: []})
		fixture.paths(no_attribute.deny) == [_path] with input as doc
		fixture.says(no_attribute.deny, sprintf("SignInMethod is `%v`, which is no documented method,", [method]))
			with input as doc
	}
	absent := fixture.patched({_method: null, _path: []})
	fixture.says(no_attribute.deny, "SignInMethod is absent and ") with input as absent
}

test_a_document_without_the_members_is_found if {
	every doc in [{}, {"ResourceConfig": null}, {"ResourceConfig": {"UserPoolConfigs": {}}}] {
		fixture.paths(no_attribute.deny) == [_path] with input as doc
		fixture.actuals(no_attribute.deny) == {_path: null} with input as doc
	}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_method: "USERNAME", _path: [], "/Target/Stage": stage})
		fixture.severities(no_attribute.deny) == {_path: "base"} with input as doc
	}
}
