package audit.oauth.shared_redirect_host_test

import data.audit.lib.fixture_test as fixture
import data.audit.oauth.shared_redirect_host

_sign_in := "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs"

_sign_out := "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignOutURIs"

_prod := "d1a2b3c4d5e6f7/prod/shopauth"

# An app with an environment of production and one of development, and what each has for redirects.
_pair(prod, dev) := fixture.app([
	fixture.environment("prod", "production", object.union({_sign_in: [], _sign_out: []}, prod)),
	fixture.environment("dev", "development", object.union({_sign_in: [], _sign_out: []}, dev)),
])

test_hosts_of_their_own_are_fine if {
	app := _pair(
		{_sign_in: ["https://shop.example.com/"], _sign_out: ["https://shop.example.com/"]},
		{_sign_in: ["https://dev.shop.example.com/"], _sign_out: ["https://dev.shop.example.com/"]},
	)
	count(shared_redirect_host.deny) == 0 with input as app
}

test_a_shared_host_is_found_at_production if {
	app := _pair(
		{_sign_in: ["https://other.example.com/", "https://shop.example.com/"]},
		{_sign_in: ["https://shop.example.com/"]},
	)
	fixture.places(shared_redirect_host.deny) == [[_prod, _sign_in]] with input as app
	fixture.actuals(shared_redirect_host.deny) == {_sign_in: ["https://shop.example.com/"]} with input as app
	fixture.expectations(shared_redirect_host.deny) == {_sign_in: []} with input as app
	fixture.severities(shared_redirect_host.deny) == {_sign_in: "base"} with input as app
	fixture.says(
		shared_redirect_host.deny,
		"RedirectSignInURIs of a production environment has hosts that lesser environments redirect to",
	) with input as app
	fixture.says(
		shared_redirect_host.deny,
		"as well: `shop.example.com` (`d1a2b3c4d5e6f7/dev/shopauth`)",
	) with input as app
}

test_after_sign_out_it_is_one_level_lower if {
	app := _pair({_sign_out: ["https://shop.example.com/"]}, {_sign_out: ["https://shop.example.com/bye"]})
	fixture.places(shared_redirect_host.deny) == [[_prod, _sign_out]] with input as app
	fixture.severities(shared_redirect_host.deny) == {_sign_out: "low"} with input as app
	fixture.says(shared_redirect_host.deny, "RedirectSignOutURIs of") with input as app
}

test_the_lesser_environments_lists_are_one if {
	every list in [_sign_in, _sign_out] {
		app := _pair(
			{_sign_in: ["https://shop.example.com/"], _sign_out: ["https://shop.example.com/bye"]},
			{list: ["https://shop.example.com/"]},
		)
		fixture.places(shared_redirect_host.deny) == [[_prod, _sign_in], [_prod, _sign_out]] with input as app
	}
}

test_another_spelling_path_or_port_is_the_same_host if {
	every entry in [
		"https://SHOP.Example.COM/",
		"https://shop.example.com./",
		"https://shop.example.com:8443/",
		"https://shop.example.com/dev?x",
		"http://shop.example.com/",
		" https://shop.example.com/",
		"https://user@shop.example.com/",
	] {
		app := _pair({_sign_in: ["https://shop.example.com/"]}, {_sign_in: [entry]})
		fixture.places(shared_redirect_host.deny) == [[_prod, _sign_in]] with input as app
		turned := _pair({_sign_in: [entry]}, {_sign_in: ["https://shop.example.com/"]})
		fixture.actuals(shared_redirect_host.deny) == {_sign_in: [entry]} with input as turned
	}
}

test_loopback_and_private_schemes_are_fine if {
	every entry in [
		"http://localhost:3000/",
		"https://127.0.0.1/",
		"http://[::1]/",
		"myapp://callback",
		"com.example.shop://callback",
		"exp://10.0.0.1:19000",
		"/callback",
		"",
		"https://",
	] {
		app := _pair({_sign_in: [entry], _sign_out: [entry]}, {_sign_in: [entry], _sign_out: [entry]})
		count(shared_redirect_host.deny) == 0 with input as app
	}
}

test_environments_of_one_kind_are_not_compared if {
	every stages in [
		["production", "production"],
		["production", "unknown"],
		["staging", "development"],
		["development", "development"],
	] {
		app := fixture.app([
			fixture.environment("a", stages[0], {}),
			fixture.environment("b", stages[1], {}),
		])
		count(shared_redirect_host.deny) == 0 with input as app
	}
}

test_an_unknown_stage_is_judged_as_production if {
	every stage in ["unknown", "Development", "", null, 7] {
		app := fixture.app([
			fixture.environment("main", stage, {}),
			fixture.environment("staging", "staging", {}),
		])
		fixture.places(shared_redirect_host.deny) == [
			["d1a2b3c4d5e6f7/main/shopauth", _sign_in],
			["d1a2b3c4d5e6f7/main/shopauth", _sign_out],
		] with input as app
		fixture.says(shared_redirect_host.deny, "unknown stage") with input as app
	}
}

test_an_absent_stage_is_judged_as_production if {
	oauth := {"OAuth": {"RedirectSignInURIs": ["https://shop.example.com/"]}}
	app := fixture.app([
		{"Target": {"Id": "d1/main/auth"}, "ResourceConfig": {"UserPoolConfigs": oauth}},
		{"Target": {"Id": "d1/dev/auth", "Stage": "development"}, "ResourceConfig": {"UserPoolConfigs": oauth}},
	])
	fixture.places(shared_redirect_host.deny) == [["d1/main/auth", _sign_in]] with input as app
}

test_every_production_environment_has_a_finding_of_its_own if {
	app := fixture.app([
		fixture.environment("live", "production", {_sign_out: []}),
		fixture.environment("prod", "production", {_sign_out: []}),
		fixture.environment("dev", "development", {}),
	])
	fixture.places(shared_redirect_host.deny) == [
		["d1a2b3c4d5e6f7/live/shopauth", _sign_in],
		["d1a2b3c4d5e6f7/prod/shopauth", _sign_in],
	] with input as app
}

test_many_environments_are_counted if {
	app := fixture.app(array.concat(
		[fixture.environment("prod", "production", {_sign_out: []})],
		[fixture.environment(sprintf("feature-%d", [i]), "development", {}) | some i in numbers.range(1, 5)],
	))
	fixture.places(shared_redirect_host.deny) == [[_prod, _sign_in]] with input as app
	fixture.says(shared_redirect_host.deny, "feature-3/shopauth` and 2 more)") with input as app
}

test_all_offending_entries_are_in_one_finding if {
	app := _pair(
		{_sign_in: ["https://b.example/", "https://a.example/2", "https://a.example/1", "https://c.example/", 7]},
		{_sign_in: [7, null, "https://a.example/"], _sign_out: ["https://b.example/"]},
	)
	fixture.actuals(shared_redirect_host.deny) == {_sign_in: [
		"https://a.example/1",
		"https://a.example/2",
		"https://b.example/",
	]} with input as app
	fixture.says(shared_redirect_host.deny, "`a.example` (`") with input as app
	fixture.says(shared_redirect_host.deny, "), `b.example` (`") with input as app
}

test_what_is_no_list_is_left_to_insecure_redirect if {
	every value in [null, "https://shop.example.com/", 7, {"a": "https://shop.example.com/"}] {
		production := _pair({_sign_in: value}, {_sign_in: ["https://shop.example.com/"]})
		count(shared_redirect_host.deny) == 0 with input as production
		lesser := _pair({_sign_in: ["https://shop.example.com/"]}, {_sign_in: value})
		count(shared_redirect_host.deny) == 0 with input as lesser
	}
}

test_an_app_without_these_members_is_fine if {
	every app in [
		{},
		{"Documents": []},
		{"Documents": [{"Target": {"Id": "a"}}, {"Target": {"Id": "b", "Stage": "development"}}]},
		fixture.app([fixture.good]),
	] {
		count(shared_redirect_host.deny) == 0 with input as app
	}
}
