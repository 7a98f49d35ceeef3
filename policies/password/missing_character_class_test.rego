package audit.password.missing_character_class_test

import data.audit.lib.fixture_test as fixture
import data.audit.password.imposed_composition
import data.audit.password.missing_character_class

_path := "/ResourceConfig/UserPoolConfigs/PasswordPolicy/AdditionalConstraints"

_all := ["REQUIRE_DIGIT", "REQUIRE_LOWERCASE", "REQUIRE_SYMBOL", "REQUIRE_UPPERCASE"]

_params(composition) := {"password": {"composition": composition}}

test_all_four_classes_are_fine if {
	every constraints in [_all, array.concat(_all, ["REQUIRE_EMOJI", 7])] {
		every composition in ["all_classes", "digit_and_letter"] {
			doc := fixture.patched({_path: constraints})
			params := _params(composition)
			count(missing_character_class.deny) == 0 with input as doc with data.audit.params as params
		}
	}
}

test_each_missing_class_is_found_and_named if {
	every missing, named in {
		"REQUIRE_DIGIT": "a digit",
		"REQUIRE_LOWERCASE": "a lower-case letter",
		"REQUIRE_SYMBOL": "a symbol",
		"REQUIRE_UPPERCASE": "an upper-case letter",
	} {
		constraints := [constraint | some constraint in _all; constraint != missing]
		doc := fixture.patched({_path: constraints})
		params := _params("all_classes")
		fixture.paths(missing_character_class.deny) == [_path] with input as doc with data.audit.params as params
		fixture.actuals(missing_character_class.deny) == {_path: constraints} with input as doc
			with data.audit.params as params
		fixture.expectations(missing_character_class.deny) == {_path: _all} with input as doc
			with data.audit.params as params
		fixture.severities(missing_character_class.deny) == {_path: "base"} with input as doc
			with data.audit.params as params
		fixture.says(missing_character_class.deny, sprintf("does not ask for %s, which", [named])) with input as doc
			with data.audit.params as params
	}
}

test_all_that_is_missing_is_said_in_one_finding if {
	doc := fixture.patched({_path: ["REQUIRE_SYMBOL"]})
	params := _params("all_classes")
	fixture.says(
		missing_character_class.deny,
		"does not ask for a digit, a lower-case letter and an upper-case letter, which",
	) with input as doc
		with data.audit.params as params
	count(missing_character_class.deny) == 1 with input as doc with data.audit.params as params
}

test_either_letter_class_is_a_letter if {
	every constraints in [["REQUIRE_DIGIT", "REQUIRE_LOWERCASE"], ["REQUIRE_DIGIT", "REQUIRE_UPPERCASE"]] {
		doc := fixture.patched({_path: constraints})
		params := _params("digit_and_letter")
		count(missing_character_class.deny) == 0 with input as doc with data.audit.params as params
	}
}

test_a_missing_digit_or_letter_is_found if {
	every case in [
		{"has": ["REQUIRE_DIGIT"], "wants": ["REQUIRE_DIGIT", "REQUIRE_LOWERCASE"], "says": "a letter, which"},
		{"has": ["REQUIRE_DIGIT", "REQUIRE_SYMBOL"], "wants": ["REQUIRE_DIGIT", "REQUIRE_LOWERCASE"], "says": "a letter, which"},
		{"has": ["REQUIRE_UPPERCASE"], "wants": ["REQUIRE_DIGIT", "REQUIRE_UPPERCASE"], "says": "a digit, which"},
		{"has": ["REQUIRE_SYMBOL"], "wants": ["REQUIRE_DIGIT", "REQUIRE_LOWERCASE"], "says": "a digit and a letter, which"},
	] {
		doc := fixture.patched({_path: case.has})
		params := _params("digit_and_letter")
		fixture.actuals(missing_character_class.deny) == {_path: case.has} with input as doc
			with data.audit.params as params
		fixture.expectations(missing_character_class.deny) == {_path: case.wants} with input as doc
			with data.audit.params as params
		fixture.says(missing_character_class.deny, case.says) with input as doc with data.audit.params as params
	}
}

test_an_absent_list_asks_for_nothing if {
	every composition in ["all_classes", "digit_and_letter"] {
		every doc in [
			fixture.patched({_path: []}),
			fixture.patched({_path: null}),
			{},
			{"ResourceConfig": {"UserPoolConfigs": {"PasswordPolicy": null}}},
		] {
			params := _params(composition)
			fixture.paths(missing_character_class.deny) == [_path] with input as doc with data.audit.params as params
			fixture.says(missing_character_class.deny, "does not ask for a digit") with input as doc
				with data.audit.params as params
		}
	}
}

test_what_is_no_list_asks_for_nothing if {
	every composition in ["all_classes", "digit_and_letter"] {
		every constraints in ["REQUIRE_DIGIT", "", 7, true, {}, {"REQUIRE_DIGIT": true}, {"a": "REQUIRE_DIGIT"}] {
			doc := fixture.patched({_path: constraints})
			params := _params(composition)
			fixture.paths(missing_character_class.deny) == [_path] with input as doc with data.audit.params as params
			fixture.actuals(missing_character_class.deny) == {_path: constraints} with input as doc
				with data.audit.params as params
			fixture.says(missing_character_class.deny, "no list") with input as doc with data.audit.params as params
		}
	}
}

test_other_spellings_ask_for_nothing if {
	every digit in ["require_digit", "REQUIRE_DIGIT ", "Requires Numbers", null, ["REQUIRE_DIGIT"]] {
		every composition in ["all_classes", "digit_and_letter"] {
			doc := fixture.patched({_path: [digit, "REQUIRE_LOWERCASE", "REQUIRE_SYMBOL", "REQUIRE_UPPERCASE"]})
			params := _params(composition)
			fixture.says(missing_character_class.deny, "a digit, which") with input as doc
				with data.audit.params as params
		}
	}
}

test_profiles_that_require_no_class_are_silent if {
	every composition in ["any", "forbidden"] {
		every constraints in [[], null, "REQUIRE_DIGIT", ["REQUIRE_DIGIT"], _all] {
			doc := fixture.patched({_path: constraints})
			params := _params(composition)
			count(missing_character_class.deny) == 0 with input as doc with data.audit.params as params
		}
	}
}

test_an_unusable_parameter_is_found_by_exactly_one_rule if {
	every params in [
		{},
		null,
		{"password": {}},
		{"password": null},
		{"password": {"composition": null}},
		{"password": {"composition": ""}},
		{"password": {"composition": "ANY"}},
		{"password": {"composition": "all classes"}},
		{"password": {"composition": true}},
		{"password": {"composition": ["any"]}},
	] {
		every constraints in [[], null, _all, "REQUIRE_DIGIT"] {
			doc := fixture.patched({_path: constraints})
			fixture.paths(missing_character_class.deny) == [_path] with input as doc with data.audit.params as params
			fixture.expectations(missing_character_class.deny) == {_path: null} with input as doc
				with data.audit.params as params
			fixture.says(missing_character_class.deny, "the parameter password.composition") with input as doc
				with data.audit.params as params
			count(imposed_composition.deny) == 0 with input as doc with data.audit.params as params
		}
	}
}

# Two findings that cannot both be mended.
test_no_profile_has_both_rules_fire if {
	every composition in ["any", "forbidden", "all_classes", "digit_and_letter", null, "x"] {
		every constraints in [[], null, _all, ["REQUIRE_DIGIT"], ["REQUIRE_EMOJI"], "REQUIRE_DIGIT", 7] {
			doc := fixture.patched({_path: constraints})
			params := _params(composition)
			missing := missing_character_class.deny with input as doc with data.audit.params as params
			imposed := imposed_composition.deny with input as doc with data.audit.params as params
			count(missing) + count(imposed) <= 1
		}
	}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_path: [], "/Target/Stage": stage})
		params := _params("all_classes")
		fixture.severities(missing_character_class.deny) == {_path: "base"} with input as doc
			with data.audit.params as params
	}
}
