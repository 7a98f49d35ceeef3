package audit.mfa.no_factor_test

import data.audit.lib.fixture_test as fixture
import data.audit.mfa.no_factor

_path := "/ResourceConfig/UserPoolConfigs/Mfa/Settings/MfaTypes"

_mfa(mode, types) := fixture.patched({
	"/ResourceConfig/UserPoolConfigs/Mfa/MFAMode": mode,
	_path: types,
})

test_any_known_factor_is_fine if {
	every types in [["TOTP"], ["SMS"], ["SMS", "TOTP"], ["PIGEON", "SMS"], [null, "TOTP"]] {
		doc := _mfa("ON", types)
		count(no_factor.deny) == 0 with input as doc
	}
}

test_no_factor_is_found if {
	every mode in ["ON", "OPTIONAL", "ADAPTIVE", "on", "", true, 1] {
		doc := _mfa(mode, [])
		fixture.paths(no_factor.deny) == [_path] with input as doc
		fixture.actuals(no_factor.deny) == {_path: []} with input as doc
		fixture.expectations(no_factor.deny) == {_path: ["TOTP"]} with input as doc
		fixture.severities(no_factor.deny) == {_path: "base"} with input as doc
	}
}

test_off_and_absent_are_left_to_mfa_off if {
	every mode in ["OFF", null] {
		every types in [[], ["PIGEON"], null] {
			doc := _mfa(mode, types)
			count(no_factor.deny) == 0 with input as doc
		}
	}
}

test_a_missing_mode_is_absent if {
	doc := {"ResourceConfig": {"UserPoolConfigs": {"Mfa": {"Settings": {"MfaTypes": []}}}}}
	count(no_factor.deny) == 0 with input as doc
}

test_an_empty_and_an_absent_list_are_said_alike if {
	every types in [[], null] {
		doc := _mfa("ON", types)
		fixture.says(no_factor.deny, "MFAMode is ON, but MfaTypes names no second factor") with input as doc
	}
}

test_unknown_types_are_no_factor_and_named if {
	doc := _mfa("ON", ["PIGEON"])
	fixture.paths(no_factor.deny) == [_path] with input as doc
	fixture.actuals(no_factor.deny) == {_path: ["PIGEON"]} with input as doc
	fixture.says(no_factor.deny, "PIGEON") with input as doc
}

test_wrong_types_are_no_factor if {
	every types in [
		null,
		"TOTP",
		7,
		true,
		{},
		{"TOTP": true},
		{"a": "TOTP"},
		["totp"],
		[null],
		[["TOTP"]],
		[{"TOTP": 1}],
	] {
		doc := _mfa("ON", types)
		fixture.paths(no_factor.deny) == [_path] with input as doc
		fixture.actuals(no_factor.deny) == {_path: types} with input as doc
	}
}

test_absent_settings_are_no_factor if {
	doc := {"ResourceConfig": {"UserPoolConfigs": {"Mfa": {"MFAMode": "ON"}}}}
	fixture.paths(no_factor.deny) == [_path] with input as doc
	fixture.actuals(no_factor.deny) == {_path: null} with input as doc
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_path: [], "/Target/Stage": stage})
		fixture.severities(no_factor.deny) == {_path: "base"} with input as doc
	}
}
