package audit.oauth.insecure_redirect_test

import data.audit.lib.fixture_test as fixture
import data.audit.oauth.insecure_redirect

_sign_in := "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs"

_sign_out := "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignOutURIs"

test_https_is_fine if {
	count(insecure_redirect.deny) == 0 with input as fixture.good
}

test_no_redirect_is_fine if {
	doc := fixture.patched({_sign_in: [], _sign_out: []})
	count(insecure_redirect.deny) == 0 with input as doc
}

test_other_schemes_are_left_to_other_rules if {
	every entry in [
		"HTTPS://example.com/",
		"myapp://callback",
		"com.example.shop:/callback",
		"httpx://example.com/",
		"exp://10.0.0.1:19000",
		"example.com",
		"",
	] {
		doc := fixture.patched({_sign_in: [entry], _sign_out: [entry]})
		count(insecure_redirect.deny) == 0 with input as doc
	}
}

test_loopback_is_left_to_its_own_rule if {
	every entry in [
		"http://localhost:3000/",
		"HTTP://LOCALHOST./",
		"http://app.localhost/",
		"http://127.0.0.1:8080/cb",
		"http://[::1]/",
	] {
		doc := fixture.patched({_sign_in: [entry], _sign_out: [entry]})
		count(insecure_redirect.deny) == 0 with input as doc
	}
}

test_plain_http_is_found if {
	entry := "http://shop.example.com/"
	doc := fixture.patched({_sign_in: [entry]})
	fixture.paths(insecure_redirect.deny) == [_sign_in] with input as doc
	fixture.actuals(insecure_redirect.deny) == {_sign_in: [entry]} with input as doc
	fixture.expectations(insecure_redirect.deny) == {_sign_in: []} with input as doc
	fixture.severities(insecure_redirect.deny) == {_sign_in: "base"} with input as doc
	fixture.says(insecure_redirect.deny, "RedirectSignInURIs sends users over plain HTTP") with input as doc
	fixture.says(insecure_redirect.deny, entry) with input as doc
	fixture.conceals(insecure_redirect.deny, "cannot be judged") with input as doc
}

test_after_sign_out_it_is_one_level_lower if {
	doc := fixture.patched({_sign_out: ["http://shop.example.com/"]})
	fixture.paths(insecure_redirect.deny) == [_sign_out] with input as doc
	fixture.severities(insecure_redirect.deny) == {_sign_out: "medium"} with input as doc
	fixture.says(insecure_redirect.deny, "RedirectSignOutURIs") with input as doc
}

test_each_list_has_a_finding_of_its_own if {
	doc := fixture.patched({_sign_in: ["http://a.example.com/"], _sign_out: ["http://b.example.com/"]})
	fixture.paths(insecure_redirect.deny) == [_sign_in, _sign_out] with input as doc
	fixture.actuals(insecure_redirect.deny) == {
		_sign_in: ["http://a.example.com/"],
		_sign_out: ["http://b.example.com/"],
	} with input as doc
}

test_one_finding_for_a_list_holds_the_offending_members_sorted if {
	doc := fixture.patched({_sign_in: [
		"http://b.example.com/",
		"https://fine.example.com/",
		"http://localhost/",
		"http://a.example.com/",
	]})
	fixture.paths(insecure_redirect.deny) == [_sign_in] with input as doc
	fixture.actuals(insecure_redirect.deny) == {_sign_in: [
		"http://a.example.com/",
		"http://b.example.com/",
	]} with input as doc
}

test_what_only_looks_like_loopback_or_https_is_found if {
	every entry in [
		"HTTP://example.com/",
		"hTtP://example.com",
		" http://example.com/",
		"\nhttp://example.com/",
		"ht\ttp://example.com/",
		"http:example.com",
		"http:/example.com",
		`http:\\example.com`,
		"http://localhost@evil.com/",
		"http://localhost:80@evil.com/",
		`http://localhost\@evil.com/`,
		"http://a@b@localhost/",
		"http://localhost.evil.com",
		"http://127.0.0.1.evil.com/",
		"http://127.1/",
		"http://0.0.0.0/",
		"http://10.0.0.1/",
		"http://[::2]/",
		"http://evil.com/#https://localhost/",
		"http://evil.com?localhost",
		"http://",
		"http:",
		"http://*",
	] {
		doc := fixture.patched({_sign_in: [entry]})
		fixture.paths(insecure_redirect.deny) == [_sign_in] with input as doc
		fixture.actuals(insecure_redirect.deny) == {_sign_in: [entry]} with input as doc
	}
}

test_what_is_no_string_cannot_be_judged if {
	every entry in [null, 7, true, false, [], ["http://localhost/"], {}, {"uri": "https://example.com/"}] {
		doc := fixture.patched({_sign_in: ["https://example.com/", entry], _sign_out: [entry]})
		fixture.paths(insecure_redirect.deny) == [_sign_in, _sign_out] with input as doc
		fixture.actuals(insecure_redirect.deny) == {_sign_in: [entry], _sign_out: [entry]} with input as doc
		fixture.says(insecure_redirect.deny, "URIs has what is no URI and cannot be judged") with input as doc
	}
}

test_both_faults_are_said_in_one_finding if {
	doc := fixture.patched({_sign_in: ["http://example.com/", 7]})
	fixture.paths(insecure_redirect.deny) == [_sign_in] with input as doc
	fixture.actuals(insecure_redirect.deny) == {_sign_in: [7, "http://example.com/"]} with input as doc
	fixture.says(insecure_redirect.deny, "http://example.com/") with input as doc
	fixture.says(insecure_redirect.deny, "cannot be judged: 7") with input as doc
}

test_what_is_no_list_cannot_be_judged if {
	every value in [
		"http://example.com/",
		"https://example.com/",
		"",
		7,
		false,
		{},
		{"0": "https://example.com/"},
	] {
		doc := fixture.patched({_sign_in: value})
		fixture.paths(insecure_redirect.deny) == [_sign_in] with input as doc
		fixture.actuals(insecure_redirect.deny) == {_sign_in: value} with input as doc
		fixture.says(insecure_redirect.deny, "no list") with input as doc
	}
}

test_an_absent_list_is_fine if {
	every doc in [
		{},
		{"ResourceConfig": null},
		{"ResourceConfig": {"UserPoolConfigs": {"OAuth": {"RedirectSignInURIs": null}}}},
	] {
		count(insecure_redirect.deny) == 0 with input as doc
	}
}

test_one_missing_list_does_not_hide_the_other if {
	doc := {"ResourceConfig": {"UserPoolConfigs": {"OAuth": {"RedirectSignOutURIs": ["http://example.com/"]}}}}
	fixture.paths(insecure_redirect.deny) == [_sign_out] with input as doc
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_sign_in: ["http://example.com/"], "/Target/Stage": stage})
		fixture.severities(insecure_redirect.deny) == {_sign_in: "base"} with input as doc
	}
}
