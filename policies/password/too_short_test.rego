package audit.password.too_short_test

import data.audit.lib.fixture_test as fixture
import data.audit.password.too_short

_path := "/ResourceConfig/UserPoolConfigs/PasswordPolicy/MinimumLength"

_params := {"password": {"min_length": 12}}

test_the_threshold_and_above_are_fine if {
	every length in [12, 12.0, 13, 64, 99] {
		doc := fixture.patched({_path: length})
		count(too_short.deny) == 0 with input as doc with data.audit.params as _params
	}
}

test_one_below_the_threshold_is_found if {
	doc := fixture.patched({_path: 11})
	fixture.paths(too_short.deny) == [_path] with input as doc with data.audit.params as _params
	fixture.actuals(too_short.deny) == {_path: 11} with input as doc with data.audit.params as _params
	fixture.expectations(too_short.deny) == {_path: 12} with input as doc with data.audit.params as _params
	fixture.says(too_short.deny, "11") with input as doc with data.audit.params as _params
	fixture.says(too_short.deny, "12") with input as doc with data.audit.params as _params
}

test_the_threshold_is_the_profiles if {
	doc := fixture.patched({_path: 12})
	fixture.expectations(too_short.deny) == {_path: 15} with input as doc
		with data.audit.params as {"password": {"min_length": 15}}
	count(too_short.deny) == 0 with input as doc
		with data.audit.params as {"password": {"min_length": 8}}
}

test_severity_is_lower_from_8_on if {
	every length, severity in {6: "base", 7: "base", 8: "medium", 11: "medium"} {
		doc := fixture.patched({_path: length})
		fixture.severities(too_short.deny) == {_path: severity} with input as doc with data.audit.params as _params
	}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_path: 7, "/Target/Stage": stage})
		fixture.severities(too_short.deny) == {_path: "base"} with input as doc with data.audit.params as _params
	}
}

test_absent_is_found_and_said if {
	doc := fixture.patched({_path: null})
	fixture.paths(too_short.deny) == [_path] with input as doc with data.audit.params as _params
	fixture.actuals(too_short.deny) == {_path: null} with input as doc with data.audit.params as _params
	fixture.severities(too_short.deny) == {_path: "base"} with input as doc with data.audit.params as _params
	fixture.says(too_short.deny, "absent") with input as doc with data.audit.params as _params
}

test_an_unusable_length_is_found_and_named if {
	every length in [
		"8",
		"12",
		"64",
		"",
		true,
		false,
		[],
		[12],
		{},
		{"MinimumLength": 12},
		8.5,
		12.5,
		98.999,
		0,
		-1,
		-12,
		5,
		5.999,
		99.5,
		100,
		1000,
		1e30,
	] {
		doc := fixture.patched({_path: length})
		fixture.paths(too_short.deny) == [_path] with input as doc with data.audit.params as _params
		fixture.actuals(too_short.deny) == {_path: length} with input as doc with data.audit.params as _params
		fixture.severities(too_short.deny) == {_path: "base"} with input as doc with data.audit.params as _params
		fixture.says(too_short.deny, "no length that Cognito can enforce") with input as doc
			with data.audit.params as _params
	}
}

_mode := "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode"

_nist := {"password": {"min_length": 8, "min_length_without_mfa": 15}}

test_a_second_factor_spares_what_is_asked_for_without_it if {
	doc := fixture.patched({_path: 8})
	count(too_short.deny) == 0 with input as doc with data.audit.params as _nist
}

test_without_a_second_factor_the_longer_length_counts if {
	every mode in ["OPTIONAL", "OFF", null, "on", "ON ", true, ["ON"], {}] {
		long := fixture.patched({_path: 15, _mode: mode})
		count(too_short.deny) == 0 with input as long with data.audit.params as _nist
		short := fixture.patched({_path: 14, _mode: mode})
		fixture.paths(too_short.deny) == [_path] with input as short with data.audit.params as _nist
		fixture.expectations(too_short.deny) == {_path: 15} with input as short with data.audit.params as _nist
		fixture.severities(too_short.deny) == {_path: "medium"} with input as short with data.audit.params as _nist
		fixture.says(too_short.deny, "shorter than the 15 that the profile asks for where MFAMode is not ON")
			with input as short
			with data.audit.params as _nist
	}
}

test_a_document_without_a_mode_has_no_second_factor if {
	doc := {"ResourceConfig": {"UserPoolConfigs": {"PasswordPolicy": {"MinimumLength": 14}}}}
	fixture.expectations(too_short.deny) == {_path: 15} with input as doc with data.audit.params as _nist
}

test_the_length_for_all_is_never_lowered if {
	every mode in ["ON", "OPTIONAL", "OFF", null] {
		every without_mfa in [0, -1, 8, 14, 15] {
			doc := fixture.patched({_path: 15, _mode: mode})
			fixture.expectations(too_short.deny) == {_path: 16} with input as doc
				with data.audit.params as {"password": {"min_length": 16, "min_length_without_mfa": without_mfa}}
			fixture.says(too_short.deny, "shorter than the 16 that the profile asks for") with input as doc
				with data.audit.params as {"password": {"min_length": 16, "min_length_without_mfa": without_mfa}}
			fixture.conceals(too_short.deny, "MFAMode") with input as doc
				with data.audit.params as {"password": {"min_length": 16, "min_length_without_mfa": without_mfa}}
		}
	}
}

test_severity_below_8_does_not_depend_on_the_second_factor if {
	every mode in ["ON", "OFF"] {
		doc := fixture.patched({_path: 7, _mode: mode})
		fixture.severities(too_short.deny) == {_path: "base"} with input as doc with data.audit.params as _nist
	}
}

test_without_a_usable_threshold_for_no_second_factor_nothing_is_long_enough if {
	every params in [
		{"password": {"min_length": 8}},
		{"password": {"min_length": 8, "min_length_without_mfa": null}},
		{"password": {"min_length": 8, "min_length_without_mfa": "0"}},
		{"password": {"min_length": 8, "min_length_without_mfa": false}},
		{"password": {"min_length": 8, "min_length_without_mfa": [15]}},
	] {
		doc := fixture.patched({_path: 99, _mode: "OPTIONAL"})
		fixture.paths(too_short.deny) == [_path] with input as doc with data.audit.params as params
		fixture.severities(too_short.deny) == {_path: "base"} with input as doc with data.audit.params as params
		fixture.expectations(too_short.deny) == {_path: null} with input as doc with data.audit.params as params
		fixture.says(too_short.deny, "password.min_length_without_mfa is not a number") with input as doc
			with data.audit.params as params
	}
}

test_the_edges_of_the_range_are_usable if {
	every length in [6, 99] {
		doc := fixture.patched({_path: length})
		fixture.says(too_short.deny, "shorter than the 120") with input as doc
			with data.audit.params as {"password": {"min_length": 120}}
	}
}

test_a_document_without_the_member_is_found if {
	every doc in [
		{},
		{"ResourceConfig": null},
		{"ResourceConfig": {"UserPoolConfigs": {"PasswordPolicy": 12}}},
	] {
		fixture.paths(too_short.deny) == [_path] with input as doc with data.audit.params as _params
		fixture.actuals(too_short.deny) == {_path: null} with input as doc with data.audit.params as _params
	}
}

test_without_a_usable_threshold_nothing_is_long_enough if {
	every params in [
		{},
		{"password": {}},
		{"password": null},
		{"password": {"min_length": null}},
		{"password": {"min_length": "8"}},
		{"password": {"min_length": [8]}},
	] {
		doc := fixture.patched({_path: 99})
		fixture.paths(too_short.deny) == [_path] with input as doc with data.audit.params as params
		fixture.severities(too_short.deny) == {_path: "base"} with input as doc with data.audit.params as params
		fixture.expectations(too_short.deny) == {_path: null} with input as doc with data.audit.params as params
		fixture.says(too_short.deny, "password.min_length") with input as doc with data.audit.params as params
	}
}

test_one_finding_whatever_is_wrong if {
	every length in [null, "8", 5, 7, 11, 100] {
		doc := fixture.patched({_path: length})
		count(too_short.deny) == 1 with input as doc with data.audit.params as _params
		count(too_short.deny) == 1 with input as doc with data.audit.params as {}
	}
}
