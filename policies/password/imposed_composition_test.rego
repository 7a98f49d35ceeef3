package audit.password.imposed_composition_test

import data.audit.lib.fixture_test as fixture
import data.audit.password.imposed_composition

_path := "/ResourceConfig/UserPoolConfigs/PasswordPolicy/AdditionalConstraints"

_forbidden := {"password": {"composition": "forbidden"}}

test_no_constraint_is_fine if {
	count(imposed_composition.deny) == 0 with input as fixture.good with data.audit.params as _forbidden
}

test_every_constraint_is_found_and_named if {
	every constraints in [
		["REQUIRE_DIGIT"],
		["REQUIRE_DIGIT", "REQUIRE_LOWERCASE", "REQUIRE_SYMBOL", "REQUIRE_UPPERCASE"],
		["REQUIRE_EMOJI"],
		["require_digit"],
		[""],
	] {
		doc := fixture.patched({_path: constraints})
		fixture.paths(imposed_composition.deny) == [_path] with input as doc with data.audit.params as _forbidden
		fixture.actuals(imposed_composition.deny) == {_path: constraints} with input as doc
			with data.audit.params as _forbidden
		fixture.expectations(imposed_composition.deny) == {_path: []} with input as doc
			with data.audit.params as _forbidden
		fixture.severities(imposed_composition.deny) == {_path: "base"} with input as doc
			with data.audit.params as _forbidden
		fixture.says(imposed_composition.deny, sprintf("`%s`", [constraints[0]])) with input as doc
			with data.audit.params as _forbidden
	}
}

test_what_is_no_constraint_imposes_something if {
	every constraint in [null, 7, true, {}, ["REQUIRE_DIGIT"]] {
		doc := fixture.patched({_path: [constraint]})
		fixture.actuals(imposed_composition.deny) == {_path: [constraint]} with input as doc
			with data.audit.params as _forbidden
	}
}

test_what_is_no_list_cannot_be_ruled_out if {
	every constraints in ["REQUIRE_DIGIT", "", 7, false, {}, {"REQUIRE_DIGIT": true}] {
		doc := fixture.patched({_path: constraints})
		fixture.actuals(imposed_composition.deny) == {_path: constraints} with input as doc
			with data.audit.params as _forbidden
		fixture.says(imposed_composition.deny, "no list") with input as doc with data.audit.params as _forbidden
	}
}

test_an_absent_list_imposes_nothing if {
	every doc in [{}, {"ResourceConfig": null}, fixture.patched({_path: null})] {
		count(imposed_composition.deny) == 0 with input as doc with data.audit.params as _forbidden
	}
}

# An unusable one is found by password/missing_character_class, whose test says so.
test_other_profiles_are_silent if {
	every params in [
		{"password": {"composition": "any"}},
		{"password": {"composition": "all_classes"}},
		{"password": {"composition": "digit_and_letter"}},
		{"password": {"composition": "Forbidden"}},
		{"password": {"composition": null}},
		{},
	] {
		doc := fixture.patched({_path: ["REQUIRE_DIGIT"]})
		count(imposed_composition.deny) == 0 with input as doc with data.audit.params as params
	}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_path: ["REQUIRE_DIGIT"], "/Target/Stage": stage})
		fixture.severities(imposed_composition.deny) == {_path: "base"} with input as doc
			with data.audit.params as _forbidden
	}
}
