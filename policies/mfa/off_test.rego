package audit.mfa.off_test

import data.audit.lib.fixture_test as fixture
import data.audit.mfa.off

_path := "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode"

_spoiled(mode, stage) := fixture.patched({_path: mode, "/Target/Stage": stage})

test_on_is_fine if {
	count(off.deny) == 0 with input as fixture.good
}

test_optional_is_left_to_its_own_rule if {
	doc := fixture.patched({_path: "OPTIONAL"})
	count(off.deny) == 0 with input as doc
}

test_off_is_found if {
	doc := fixture.patched({_path: "OFF"})
	fixture.paths(off.deny) == [_path] with input as doc
	fixture.actuals(off.deny) == {_path: "OFF"} with input as doc
	fixture.expectations(off.deny) == {_path: "ON"} with input as doc
	fixture.says(off.deny, "MFAMode is OFF in a production environment:") with input as doc
}

test_absent_is_found_and_said if {
	doc := fixture.patched({_path: null})
	fixture.paths(off.deny) == [_path] with input as doc
	fixture.actuals(off.deny) == {_path: null} with input as doc
	fixture.says(off.deny, "absent") with input as doc
}

test_unknown_mode_is_found_and_named if {
	doc := fixture.patched({_path: "ADAPTIVE"})
	fixture.paths(off.deny) == [_path] with input as doc
	fixture.actuals(off.deny) == {_path: "ADAPTIVE"} with input as doc
	fixture.says(off.deny, "`ADAPTIVE`") with input as doc
}

test_anything_but_a_documented_mode_is_found if {
	every mode in ["on", "On", "ON ", "optional", "", true, false, 1, [], ["ON"], {}, {"ON": true}] {
		doc := fixture.patched({_path: mode})
		fixture.paths(off.deny) == [_path] with input as doc
		fixture.actuals(off.deny) == {_path: mode} with input as doc
	}
}

test_a_document_without_the_member_is_found if {
	every doc in [{}, {"ResourceConfig": null}, {"ResourceConfig": {"UserPoolConfigs": {"Mfa": "ON"}}}] {
		fixture.paths(off.deny) == [_path] with input as doc
		fixture.actuals(off.deny) == {_path: null} with input as doc
		fixture.severities(off.deny) == {_path: "base"} with input as doc
	}
}

test_severity_by_stage if {
	every mode in ["OFF", null, "ADAPTIVE"] {
		every stage, severity in {
			"production": "base",
			"unknown": "base",
			"no such stage": "base",
			"staging": "medium",
			"development": "medium",
		} {
			doc := _spoiled(mode, stage)
			fixture.severities(off.deny) == {_path: severity} with input as doc
		}
	}
}
