package audit.social.shared_client_test

import data.audit.lib.fixture_test as fixture
import data.audit.social.shared_client

_providers := "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings"

_google := sprintf("%s/Google/ClientId", [_providers])

_facebook := sprintf("%s/Facebook/ClientId", [_providers])

_prod := "d1a2b3c4d5e6f7/prod/shopauth"

_pair(prod, dev) := fixture.app([
	fixture.environment("prod", "production", prod),
	fixture.environment("dev", "development", dev),
])

test_no_clients_are_fine if {
	app := _pair({}, {})
	count(shared_client.deny) == 0 with input as app
}

test_clients_of_their_own_are_fine if {
	app := _pair({_google: "1.apps.googleusercontent.com"}, {_google: "2.apps.googleusercontent.com"})
	count(shared_client.deny) == 0 with input as app
}

test_one_id_at_two_providers_is_fine if {
	app := _pair({_google: "123"}, {_facebook: "123"})
	count(shared_client.deny) == 0 with input as app
}

test_a_shared_client_of_each_provider_is_found_at_production if {
	every provider in ["Facebook", "Google", "LoginWithAmazon", "SignInWithApple"] {
		path := sprintf("%s/%s/ClientId", [_providers, provider])
		app := _pair({path: "client-1"}, {path: "client-1"})
		fixture.places(shared_client.deny) == [[_prod, path]] with input as app
		fixture.actuals(shared_client.deny) == {path: "client-1"} with input as app
		fixture.expectations(shared_client.deny) == {path: null} with input as app
		fixture.severities(shared_client.deny) == {path: "base"} with input as app
		fixture.says(shared_client.deny, sprintf("%s of a production environment signs in", [provider])) with input as app
		fixture.says(
			shared_client.deny,
			"with the client `client-1` of a lesser environment as well: `d1a2b3c4d5e6f7/dev/shopauth`",
		) with input as app
	}
}

test_each_shared_client_has_a_finding_of_its_own if {
	app := _pair({_google: "1", _facebook: "2"}, {_google: "1", _facebook: "2"})
	fixture.places(shared_client.deny) == [[_prod, _facebook], [_prod, _google]] with input as app
}

test_blanks_casing_and_type_make_no_other_client if {
	every ids in [
		[" Client-1", "client-1\n"],
		[1234567890123456, 1234567890123456],
		[1234567890123456, "1234567890123456"],
		[["x"], ["x"]],
	] {
		app := _pair({_google: ids[0]}, {_google: ids[1]})
		fixture.places(shared_client.deny) == [[_prod, _google]] with input as app
		fixture.actuals(shared_client.deny) == {_google: ids[0]} with input as app
	}
}

test_no_id_is_no_client if {
	every ids in [[null, null], ["", ""], [" ", " "], ["", " "], [null, "x"], ["x", null], ["x", ""]] {
		app := _pair({_google: ids[0]}, {_google: ids[1]})
		count(shared_client.deny) == 0 with input as app
	}
}

test_secrets_are_not_compared if {
	app := _pair(
		{sprintf("%s/Google/ClientSecret", [_providers]): "REDACTED"},
		{sprintf("%s/Google/ClientSecret", [_providers]): "REDACTED"},
	)
	count(shared_client.deny) == 0 with input as app
}

test_environments_of_one_kind_are_not_compared if {
	every stages in [
		["production", "production"],
		["production", "unknown"],
		["staging", "development"],
		["development", "development"],
	] {
		app := fixture.app([
			fixture.environment("a", stages[0], {_google: "1"}),
			fixture.environment("b", stages[1], {_google: "1"}),
		])
		count(shared_client.deny) == 0 with input as app
	}
}

test_an_unknown_stage_is_judged_as_production if {
	every stage in ["unknown", "Development", "", null, 7] {
		app := fixture.app([
			fixture.environment("main", stage, {_google: "1"}),
			fixture.environment("staging", "staging", {_google: "1"}),
		])
		fixture.places(shared_client.deny) == [["d1a2b3c4d5e6f7/main/shopauth", _google]] with input as app
		fixture.says(shared_client.deny, "unknown stage") with input as app
	}
}

test_an_absent_stage_is_judged_as_production if {
	oauth := {"OAuth": {"SocialProviderSettings": {"Google": {"ClientId": "1"}}}}
	app := fixture.app([
		{"Target": {"Id": "d1/main/auth"}, "ResourceConfig": {"UserPoolConfigs": oauth}},
		{"Target": {"Id": "d1/dev/auth", "Stage": "development"}, "ResourceConfig": {"UserPoolConfigs": oauth}},
	])
	fixture.places(shared_client.deny) == [["d1/main/auth", _google]] with input as app
}

test_several_environments_are_named_at_each_production if {
	app := fixture.app([
		fixture.environment("live", "production", {_google: "1"}),
		fixture.environment("prod", "production", {_google: "1"}),
		fixture.environment("dev", "development", {_google: "1"}),
		fixture.environment("staging", "staging", {_google: "1"}),
		fixture.environment("test", "development", {_google: "2"}),
	])
	fixture.places(shared_client.deny) == [
		["d1a2b3c4d5e6f7/live/shopauth", _google],
		[_prod, _google],
	] with input as app
	fixture.says(
		shared_client.deny,
		"of lesser environments as well: `d1a2b3c4d5e6f7/dev/shopauth`, `d1a2b3c4d5e6f7/staging/shopauth`",
	) with input as app
	fixture.conceals(shared_client.deny, "/test/") with input as app
}

test_an_app_without_these_members_is_fine if {
	every app in [
		{},
		{"Documents": []},
		{"Documents": [{"Target": {"Id": "a"}}, {"Target": {"Id": "b", "Stage": "development"}}]},
		fixture.app([fixture.good]),
	] {
		count(shared_client.deny) == 0 with input as app
	}
}
