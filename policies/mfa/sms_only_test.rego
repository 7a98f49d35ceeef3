package audit.mfa.sms_only_test

import data.audit.lib.fixture_test as fixture
import data.audit.mfa.sms_only

_path := "/ResourceConfig/UserPoolConfigs/Mfa/Settings/MfaTypes"

_mfa(mode, types) := fixture.patched({
	"/ResourceConfig/UserPoolConfigs/Mfa/MFAMode": mode,
	_path: types,
})

test_totp_alone_is_fine if {
	count(sms_only.deny) == 0 with input as fixture.good
}

test_sms_beside_totp_is_fine if {
	doc := _mfa("ON", ["SMS", "TOTP"])
	count(sms_only.deny) == 0 with input as doc
}

test_sms_alone_is_found if {
	every mode in ["ON", "OPTIONAL"] {
		doc := _mfa(mode, ["SMS"])
		fixture.paths(sms_only.deny) == [_path] with input as doc
		fixture.actuals(sms_only.deny) == {_path: ["SMS"]} with input as doc
		fixture.expectations(sms_only.deny) == {_path: ["TOTP"]} with input as doc
		fixture.severities(sms_only.deny) == {_path: "base"} with input as doc
		fixture.says(sms_only.deny, "MfaTypes is SMS alone") with input as doc
	}
}

test_an_unknown_mode_counts_as_on if {
	every mode in ["ADAPTIVE", "on", "", true, 1, [], {}] {
		doc := _mfa(mode, ["SMS"])
		fixture.paths(sms_only.deny) == [_path] with input as doc
	}
}

test_off_and_absent_are_left_to_mfa_off if {
	every mode in ["OFF", null] {
		doc := _mfa(mode, ["SMS"])
		count(sms_only.deny) == 0 with input as doc
	}
}

test_a_missing_mode_is_absent if {
	doc := {"ResourceConfig": {"UserPoolConfigs": {"Mfa": {"Settings": {"MfaTypes": ["SMS"]}}}}}
	count(sms_only.deny) == 0 with input as doc
}

test_an_unknown_type_is_no_better_factor if {
	doc := _mfa("ON", ["SMS", "PIGEON"])
	fixture.paths(sms_only.deny) == [_path] with input as doc
	fixture.actuals(sms_only.deny) == {_path: ["PIGEON", "SMS"]} with input as doc
	fixture.says(sms_only.deny, "PIGEON") with input as doc
}

test_elements_that_are_no_strings_are_no_better_factor if {
	every element in [null, 7, true, ["TOTP"], {"TOTP": true}] {
		doc := _mfa("ON", [element, "SMS"])
		fixture.paths(sms_only.deny) == [_path] with input as doc
	}
}

# mfa/no_factor finds these.
test_without_sms_it_is_silent if {
	every types in [[], null, "SMS", ["PIGEON"], ["sms"], {"SMS": true}, {"a": "SMS"}, 7] {
		doc := _mfa("ON", types)
		count(sms_only.deny) == 0 with input as doc
	}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_path: ["SMS"], "/Target/Stage": stage})
		fixture.severities(sms_only.deny) == {_path: "base"} with input as doc
	}
}
