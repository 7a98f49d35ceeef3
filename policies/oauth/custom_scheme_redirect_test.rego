package audit.oauth.custom_scheme_redirect_test

import data.audit.lib.fixture_test as fixture
import data.audit.oauth.custom_scheme_redirect
import data.audit.oauth.development_redirect
import data.audit.oauth.insecure_redirect
import data.audit.oauth.malformed_redirect

_sign_in := "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs"

_sign_out := "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignOutURIs"

test_the_good_document_is_fine if {
	count(custom_scheme_redirect.deny) == 0 with input as fixture.good
}

test_no_redirect_is_fine if {
	doc := fixture.patched({_sign_in: [], _sign_out: []})
	count(custom_scheme_redirect.deny) == 0 with input as doc
}

test_an_absent_list_is_fine if {
	every doc in [
		{},
		{"ResourceConfig": null},
		{"ResourceConfig": {"UserPoolConfigs": {"OAuth": {"RedirectSignInURIs": null}}}},
	] {
		count(custom_scheme_redirect.deny) == 0 with input as doc
	}
}

test_one_missing_list_does_not_hide_the_other if {
	oauth := {"RedirectSignOutURIs": ["myapp://callback"]}
	doc := {"ResourceConfig": {"UserPoolConfigs": {"OAuth": oauth}}}
	fixture.paths(custom_scheme_redirect.deny) == [_sign_out] with input as doc
}

test_after_sign_out_it_is_one_level_lower if {
	doc := fixture.patched({_sign_out: ["myapp://callback"]})
	fixture.paths(custom_scheme_redirect.deny) == [_sign_out] with input as doc
	fixture.severities(custom_scheme_redirect.deny) == {_sign_out: "info"} with input as doc
	fixture.says(custom_scheme_redirect.deny, "RedirectSignOutURIs ") with input as doc
}

test_each_list_has_a_finding_of_its_own if {
	doc := fixture.patched({_sign_in: ["myapp://callback"], _sign_out: ["myapp://callback"]})
	fixture.paths(custom_scheme_redirect.deny) == [_sign_in, _sign_out] with input as doc
	fixture.actuals(custom_scheme_redirect.deny) == {
		_sign_in: ["myapp://callback"],
		_sign_out: ["myapp://callback"],
	} with input as doc
	fixture.severities(custom_scheme_redirect.deny) == {_sign_in: "base", _sign_out: "info"} with input as doc
	fixture.expectations(custom_scheme_redirect.deny) == {_sign_in: [], _sign_out: []} with input as doc
}

test_what_cannot_be_judged_is_left_to_insecure_redirect if {
	every value in [
		"myapp://callback",
		"",
		7,
		false,
		{},
		{"a": "myapp://callback"},
		[null],
		[7],
		[true],
		[{}],
		[["myapp://callback"]],
	] {
		doc := fixture.patched({_sign_in: value})
		count(custom_scheme_redirect.deny) == 0 with input as doc
		fixture.paths(insecure_redirect.deny) == [_sign_in] with input as doc
	}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_sign_in: ["myapp://callback"], "/Target/Stage": stage})
		fixture.severities(custom_scheme_redirect.deny) == {_sign_in: "base"} with input as doc
	}
}

test_a_scheme_without_a_domain_is_found if {
	every entry in [
		"myapp://",
		"myapp:/callback",
		"myapp:",
		"MyApp://callback",
		" myapp://callback",
		"fb1234567890://authorize",
		"capacitor://localhost",
		"web+shop://callback",
		"httpx://example.com/",
		"expo://callback",
		"myapp.://callback",
		"my..app://callback",
		"myapp://com.example.shop/",
	] {
		doc := fixture.patched({_sign_in: [entry]})
		fixture.paths(custom_scheme_redirect.deny) == [_sign_in] with input as doc
		fixture.actuals(custom_scheme_redirect.deny) == {_sign_in: [entry]} with input as doc
	}
}

test_schemes_are_named_once_and_the_rest_is_not if {
	doc := fixture.patched({_sign_in: ["myapp://user:hunter2@callback", "MYAPP://x", "other:/y", "https://a.example/"]})
	fixture.actuals(custom_scheme_redirect.deny) == {_sign_in: [
		"MYAPP://x",
		"myapp://user:hunter2@callback",
		"other:/y",
	]} with input as doc
	fixture.says(custom_scheme_redirect.deny, "may claim: `myapp:`, `other:`") with input as doc
	fixture.conceals(custom_scheme_redirect.deny, "hunter2") with input as doc
}

test_a_domain_in_reverse_is_fine if {
	every entry in [
		"com.example.shop:/callback",
		"com.example.shop://callback",
		"COM.Example.Shop://callback",
		"com.googleusercontent.apps.123-abc:/oauth2redirect",
		"app.shop-1:/",
	] {
		doc := fixture.patched({_sign_in: [entry], _sign_out: [entry]})
		count(custom_scheme_redirect.deny) == 0 with input as doc
	}
}

test_the_web_is_fine if {
	every entry in ["http://a.example/", "https://a.example/", "HTTPS://a.example/", " http://localhost/"] {
		doc := fixture.patched({_sign_in: [entry], _sign_out: [entry]})
		count(custom_scheme_redirect.deny) == 0 with input as doc
	}
}

test_what_is_no_apps_is_left_to_malformed_redirect if {
	every entry in ["javascript:x", "data:,x", "file:///x", "localhost:3000", "urn:x", "myapp", "/x", "//x", ""] {
		doc := fixture.patched({_sign_in: [entry]})
		count(custom_scheme_redirect.deny) == 0 with input as doc
		fixture.paths(malformed_redirect.deny) == [_sign_in] with input as doc
	}
}

test_expo_is_left_to_development_redirect if {
	every entry in ["exp://127.0.0.1:19000", "EXPS://u.expo.dev/x", "exp+shop://callback"] {
		doc := fixture.patched({_sign_in: [entry]})
		count(custom_scheme_redirect.deny) == 0 with input as doc
		fixture.paths(development_redirect.deny) == [_sign_in] with input as doc
	}
}
