package audit.lib.stage_test

import data.audit.lib.fixture_test as fixture
import data.audit.lib.stage

test_production_is_strict if {
	doc := fixture.staged("production")
	stage.strict == true with input as doc
	stage.name == "production" with input as doc
	stage.described == "a production environment" with input as doc
}

test_staging_and_development_are_not_strict if {
	every name in ["staging", "development"] {
		doc := fixture.staged(name)
		stage.strict == false with input as doc
		stage.name == name with input as doc
		stage.described == sprintf("a %s environment", [name]) with input as doc
	}
}

test_everything_else_is_unknown_and_strict if {
	every value in [
		"unknown",
		"Production",
		"DEVELOPMENT",
		"dev",
		"",
		null,
		1,
		true,
		[],
		["development"],
		{"development": true},
	] {
		doc := fixture.staged(value)
		stage.strict == true with input as doc
		stage.name == "unknown" with input as doc
		contains(stage.described, "unknown") with input as doc
	}
}

test_no_target_is_unknown_and_strict if {
	every doc in [{}, {"Target": null}, {"Target": {}}] {
		stage.strict == true with input as doc
		stage.name == "unknown" with input as doc
	}
}

test_a_lesser_stage_is_one_that_is_known if {
	every value in ["staging", "development"] {
		stage.lesser(value)
	}
	every value in ["production", "unknown", "Development", "dev", "", null, 1, true, ["development"], {}] {
		not stage.lesser(value)
	}
}

test_every_document_of_an_app_has_a_stage if {
	app := {"Documents": [
		{"Target": {"Stage": "staging"}},
		{},
		{"Target": null},
		{"Target": {}},
		{"Target": {"Stage": null}},
		{"Target": {"Stage": "production"}},
	]}
	expected := ["staging", "unknown", "unknown", "unknown", null, "production"]
	stage.of_documents == expected with input as app
	stage.of_documents == [] with input as {}
}

test_a_value_is_described_as_a_stage if {
	stage.describe("production") == "a production environment"
	stage.describe("staging") == "a staging environment"
	stage.describe("development") == "a development environment"
	every value in ["unknown", "Production", "", null, 1, ["production"], {}] {
		stage.describe(value) == "an environment of unknown stage (judged as production)"
	}
}
