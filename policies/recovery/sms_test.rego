package audit.recovery.sms_test

import data.audit.lib.fixture_test as fixture
import data.audit.recovery.sms

_path := "/ResourceConfig/UserPoolConfigs/ForgotPassword/DeliveryMethod"

_mode := "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode"

_types := "/ResourceConfig/UserPoolConfigs/Mfa/Settings/MfaTypes"

test_email_is_fine if {
	count(sms.deny) == 0 with input as fixture.good
}

test_email_is_fine_whatever_the_factors_are if {
	doc := fixture.patched({_types: ["SMS"], "/Missing": [_path]})
	count(sms.deny) == 0 with input as doc
}

test_sms_is_found if {
	doc := fixture.patched({_path: "SMS"})
	fixture.paths(sms.deny) == [_path] with input as doc
	fixture.actuals(sms.deny) == {_path: "SMS"} with input as doc
	fixture.expectations(sms.deny) == {_path: "EMAIL"} with input as doc
	fixture.severities(sms.deny) == {_path: "base"} with input as doc
	fixture.says(sms.deny, "DeliveryMethod is SMS:") with input as doc
	fixture.conceals(sms.deny, "second factor") with input as doc
}

test_it_is_worse_where_sms_is_a_factor_as_well if {
	every mode in ["ON", "OPTIONAL", "ADAPTIVE", "off", null, true] {
		every types in [["SMS"], ["SMS", "TOTP"], [7, "SMS"], "SMS", {"SMS": true}] {
			doc := fixture.patched({_path: "SMS", _mode: mode, _types: types})
			fixture.paths(sms.deny) == [_path] with input as doc
			fixture.severities(sms.deny) == {_path: "high"} with input as doc
			fixture.says(sms.deny, "and SMS is a second factor as well") with input as doc
		}
	}
}

test_it_is_no_worse_where_sms_is_no_factor if {
	every values in [
		{_mode: "OFF", _types: ["SMS"]},
		{_mode: "OFF", _types: "SMS"},
		{_mode: "ON", _types: ["TOTP"]},
		{_mode: "ON", _types: ["PIGEON"]},
		{_mode: "ON", _types: []},
		{_mode: "ON", _types: null},
		{_mode: null, _types: []},
	] {
		doc := fixture.patched(object.union(values, {_path: "SMS"}))
		fixture.severities(sms.deny) == {_path: "base"} with input as doc
		fixture.conceals(sms.deny, "second factor") with input as doc
	}
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
	every doc in [{}, {"ResourceConfig": {"UserPoolConfigs": {"ForgotPassword": null}}}] {
		count(sms.deny) == 0 with input as doc
	}
}

test_a_document_without_mfa_has_no_factor if {
	doc := {"ResourceConfig": {"UserPoolConfigs": {"ForgotPassword": {"DeliveryMethod": "SMS"}}}}
	fixture.severities(sms.deny) == {_path: "base"} with input as doc
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_path: "SMS", "/Target/Stage": stage})
		fixture.severities(sms.deny) == {_path: "base"} with input as doc
	}
}
