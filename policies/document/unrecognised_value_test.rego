package audit.document.unrecognised_value_test

import data.audit.document.unrecognised_value
import data.audit.lib.fixture_test as fixture

_list := "/Unrecognised"

test_an_empty_list_is_fine if {
	count(unrecognised_value.deny) == 0 with input as fixture.good
}

test_the_other_list_is_another_matter if {
	doc := fixture.patched({"/Missing": ["/ResourceConfig/Service"]})
	count(unrecognised_value.deny) == 0 with input as doc
}

test_every_pointer_is_a_finding_at_its_place if {
	pointers := [
		"/ResourceConfig/AuthResources",
		"/ResourceConfig/UserPoolConfigs/Mfa/MFAMode",
		"/ResourceConfig/UserPoolConfigs/Mfa/Settings/MfaTypes/0",
		"/ResourceConfig/a~1b~0c",
		"/ResourceConfig/%s`\u001b",
		"",
	]
	doc := fixture.patched({_list: pointers})
	fixture.paths(unrecognised_value.deny) == sort(pointers) with input as doc
	fixture.severities(unrecognised_value.deny) == {pointer: "base" | some pointer in pointers} with input as doc
	{finding.msg | some finding in unrecognised_value.deny} == {message |
		some pointer in pointers
		message := concat("", [
			"`",
			pointer,
			"`",
			" is not documented by AWS, so what it means is not known",
		])
	} with input as doc
}

test_what_is_no_list_is_not_lost if {
	every value in [null, "", "/ResourceConfig/Service", 7, true, false, {}, {"0": "/ResourceConfig/Service"}] {
		doc := fixture.patched({_list: value})
		fixture.paths(unrecognised_value.deny) == [_list] with input as doc
		fixture.actuals(unrecognised_value.deny) == {_list: value} with input as doc
		fixture.expectations(unrecognised_value.deny) == {_list: []} with input as doc
		fixture.says(unrecognised_value.deny, "Unrecognised is no list") with input as doc
	}
}

test_what_is_no_pointer_is_not_lost if {
	every value in [null, 7, true, [], ["/ResourceConfig/Service"], {}] {
		doc := fixture.patched({_list: ["/ResourceConfig/Service", value]})
		fixture.paths(unrecognised_value.deny) == ["/ResourceConfig/Service", "/Unrecognised"] with input as doc
		fixture.actuals(unrecognised_value.deny) == {_list: [value]} with input as doc
	}
}

test_a_document_without_the_list_is_found if {
	fixture.paths(unrecognised_value.deny) == [_list] with input as {}
	fixture.actuals(unrecognised_value.deny) == {_list: null} with input as {}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_list: ["/ResourceConfig/Service"], "/Target/Stage": stage})
		fixture.severities(unrecognised_value.deny) == {"/ResourceConfig/Service": "base"} with input as doc
	}
}
