package audit.document.missing_member_test

import data.audit.document.missing_member
import data.audit.lib.fixture_test as fixture

_list := "/Missing"

test_an_empty_list_is_fine if {
	count(missing_member.deny) == 0 with input as fixture.good
}

test_the_other_list_is_another_matter if {
	doc := fixture.patched({"/Unrecognised": ["/ResourceConfig/Service"]})
	count(missing_member.deny) == 0 with input as doc
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
	fixture.paths(missing_member.deny) == sort(pointers) with input as doc
	fixture.severities(missing_member.deny) == {pointer: "base" | some pointer in pointers} with input as doc
	{finding.msg | some finding in missing_member.deny} == {message |
		some pointer in pointers
		message := concat("", [
			"`",
			pointer,
			"`",
			" is absent, though AWS documents that it is always there",
		])
	} with input as doc
}

test_what_is_no_list_is_not_lost if {
	every value in [null, "", "/ResourceConfig/Service", 7, true, false, {}, {"0": "/ResourceConfig/Service"}] {
		doc := fixture.patched({_list: value})
		fixture.paths(missing_member.deny) == [_list] with input as doc
		fixture.actuals(missing_member.deny) == {_list: value} with input as doc
		fixture.expectations(missing_member.deny) == {_list: []} with input as doc
		fixture.says(missing_member.deny, "Missing is no list") with input as doc
	}
}

test_what_is_no_pointer_is_not_lost if {
	every value in [null, 7, true, [], ["/ResourceConfig/Service"], {}] {
		doc := fixture.patched({_list: ["/ResourceConfig/Service", value]})
		fixture.paths(missing_member.deny) == ["/Missing", "/ResourceConfig/Service"] with input as doc
		fixture.actuals(missing_member.deny) == {_list: [value]} with input as doc
	}
}

test_a_document_without_the_list_is_found if {
	fixture.paths(missing_member.deny) == [_list] with input as {}
	fixture.actuals(missing_member.deny) == {_list: null} with input as {}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_list: ["/ResourceConfig/Service"], "/Target/Stage": stage})
		fixture.severities(missing_member.deny) == {"/ResourceConfig/Service": "base"} with input as doc
	}
}
