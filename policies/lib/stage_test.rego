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
