package audit.lifecycle.gen1_end_of_life_test

import data.audit.lib.fixture_test as fixture
import data.audit.lifecycle.gen1_end_of_life

_of(stages) := fixture.app([fixture.environment(name, stage, {}) | some name, stage in stages])

test_once_an_app_at_the_first_environment_that_is_judged_as_production if {
	every case in [
		{"stages": {"prod": "production"}, "name": "prod"},
		{"stages": {"dev": "development", "prod": "production"}, "name": "prod"},
		{"stages": {"dev": "development", "live": "production", "prod": "production"}, "name": "live"},
		{"stages": {"dev": "development", "main": "unknown", "staging": "staging"}, "name": "main"},
		{"stages": {"dev": "development", "main": null}, "name": "main"},
		{"stages": {"dev": "development", "staging": "staging"}, "name": "dev"},
		{"stages": {"staging": "staging"}, "name": "staging"},
	] {
		app := _of(case.stages)
		target := sprintf("d1a2b3c4d5e6f7/%s/shopauth", [case.name])
		fixture.places(gen1_end_of_life.deny) == [[target, ""]] with input as app
		fixture.severities(gen1_end_of_life.deny) == {"": "base"} with input as app
		fixture.expectations(gen1_end_of_life.deny) == {"": null} with input as app
		fixture.actuals(gen1_end_of_life.deny) == {"": null} with input as app
		fixture.says(gen1_end_of_life.deny, "end of life on 2027-05-01") with input as app
	}
}

test_whatever_else_the_document_holds if {
	every target in [{"Id": "d1/x/auth"}, {"Id": "d1/x/auth", "Stage": null}, {"Id": "d1/x/auth", "Stage": "staging"}] {
		app := {"Documents": [{"Target": target}]}
		fixture.places(gen1_end_of_life.deny) == [["d1/x/auth", ""]] with input as app
	}
}

test_an_app_of_which_nothing_was_audited_has_no_place_to_point_at if {
	every app in [{}, {"Documents": []}, fixture.good] {
		count(gen1_end_of_life.deny) == 0 with input as app
	}
}
