package audit.sign_up.excess_personal_data_test

import data.audit.lib.fixture_test as fixture
import data.audit.sign_up.excess_personal_data

_path := "/ResourceConfig/UserPoolConfigs/RequiredSignUpAttributes"

test_what_identifies_a_user_is_fine if {
	every attributes in [
		[],
		["EMAIL"],
		["EMAIL", "PHONE_NUMBER"],
		["FAMILY_NAME", "GIVEN_NAME", "LOCALE", "MIDDLE_NAME", "NAME", "NICKNAME", "PREFERRED_USERNAME"],
		["PROFILE", "UPDATED_AT", "WEBSITE", "ZONE_INFO"],
		["EMAIL_ADDRESS", "GENDERS", ""],
	] {
		doc := fixture.patched({_path: attributes})
		count(excess_personal_data.deny) == 0 with input as doc
	}
}

test_each_excess_attribute_is_found_and_only_it_named if {
	every attribute in ["ADDRESS", "BIRTHDATE", "GENDER", "PICTURE", "birthdate", "Gender", " ADDRESS "] {
		doc := fixture.patched({_path: [attribute, "EMAIL"]})
		fixture.paths(excess_personal_data.deny) == [_path] with input as doc
		fixture.actuals(excess_personal_data.deny) == {_path: [attribute]} with input as doc
		fixture.expectations(excess_personal_data.deny) == {_path: []} with input as doc
		fixture.severities(excess_personal_data.deny) == {_path: "base"} with input as doc
		fixture.says(excess_personal_data.deny, sprintf("has `%s`, which nobody needs", [attribute])) with input as doc
		fixture.conceals(excess_personal_data.deny, "cannot be judged") with input as doc
	}
}

test_one_finding_holds_the_offending_members_sorted if {
	doc := fixture.patched({_path: ["GENDER", "EMAIL", 7, "ADDRESS"]})
	fixture.paths(excess_personal_data.deny) == [_path] with input as doc
	fixture.actuals(excess_personal_data.deny) == {_path: [7, "ADDRESS", "GENDER"]} with input as doc
	fixture.says(excess_personal_data.deny, "has `ADDRESS`, `GENDER`, which nobody needs to sign in and has what is")
		with input as doc
}

test_what_is_no_text_cannot_be_judged if {
	every attribute in [null, 7, true, ["GENDER"], {}] {
		doc := fixture.patched({_path: ["EMAIL", attribute]})
		fixture.actuals(excess_personal_data.deny) == {_path: [attribute]} with input as doc
		fixture.says(excess_personal_data.deny, "no attribute and cannot be judged") with input as doc
	}
}

test_what_is_no_list_cannot_be_judged if {
	every attributes in ["EMAIL", "GENDER", "", 7, false, {}, {"GENDER": true}] {
		doc := fixture.patched({_path: attributes})
		fixture.paths(excess_personal_data.deny) == [_path] with input as doc
		fixture.actuals(excess_personal_data.deny) == {_path: attributes} with input as doc
		fixture.says(excess_personal_data.deny, "no list") with input as doc
	}
}

test_an_absent_list_requires_nothing if {
	every doc in [{}, {"ResourceConfig": null}, fixture.patched({_path: null})] {
		count(excess_personal_data.deny) == 0 with input as doc
	}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_path: ["BIRTHDATE"], "/Target/Stage": stage})
		fixture.severities(excess_personal_data.deny) == {_path: "base"} with input as doc
	}
}
