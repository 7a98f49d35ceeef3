package audit.oauth.loopback_redirect_test

import data.audit.lib.fixture_test as fixture
import data.audit.oauth.insecure_redirect
import data.audit.oauth.loopback_redirect

_sign_in := "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs"

_sign_out := "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignOutURIs"

test_other_hosts_are_fine if {
	count(loopback_redirect.deny) == 0 with input as fixture.good
}

test_no_redirect_is_fine if {
	doc := fixture.patched({_sign_in: [], _sign_out: []})
	count(loopback_redirect.deny) == 0 with input as doc
}

test_loopback_is_found if {
	every entry in [
		"http://localhost",
		"http://localhost:3000/",
		"https://localhost/",
		"HTTPS://LocalHost:8443/callback?x#y",
		"http://localhost./",
		"http://app.localhost:8080/",
		"http://user@localhost/",
		"http://127.0.0.1/",
		"https://127.255.0.1:9000/",
		"http://[::1]:3000/",
		"http://[0:0:0:0:0:0:0:1]/",
		" http://localhost/",
	] {
		doc := fixture.patched({_sign_in: [entry]})
		fixture.paths(loopback_redirect.deny) == [_sign_in] with input as doc
		fixture.actuals(loopback_redirect.deny) == {_sign_in: [entry]} with input as doc
		fixture.expectations(loopback_redirect.deny) == {_sign_in: []} with input as doc
		fixture.severities(loopback_redirect.deny) == {_sign_in: "base"} with input as doc
		fixture.says(loopback_redirect.deny, entry) with input as doc
		fixture.says(loopback_redirect.deny, "production") with input as doc
	}
}

test_what_only_looks_like_loopback_is_fine if {
	every entry in [
		"https://localhost@evil.com/",
		"https://localhost.evil.com/",
		"https://notlocalhost/",
		"https://127.0.0.1.evil.com/",
		"https://128.0.0.1/",
		"https://[::2]/",
		"https://example.com/localhost",
		"https://example.com/?u=http://localhost/",
		"myapp://localhost/callback",
		"exp://127.0.0.1:19000",
		"localhost",
	] {
		doc := fixture.patched({_sign_in: [entry], _sign_out: [entry]})
		count(loopback_redirect.deny) == 0 with input as doc
	}
}

# Nothing over http falls between the two rules.
test_every_http_redirect_is_found_by_exactly_one_rule if {
	every entry in [
		"http://localhost/",
		"http://localhost@evil.com/",
		`http://localhost\@evil.com/`,
		"http://127.1/",
		"http://[::1]/",
		"http://[::1",
		"http://example.com/",
		"http:localhost",
	] {
		doc := fixture.patched({_sign_in: [entry]})
		loopback := loopback_redirect.deny with input as doc
		insecure := insecure_redirect.deny with input as doc
		count(loopback) + count(insecure) == 1
	}
}

test_after_sign_out_it_is_one_level_lower if {
	doc := fixture.patched({_sign_out: ["http://localhost/"]})
	fixture.paths(loopback_redirect.deny) == [_sign_out] with input as doc
	fixture.severities(loopback_redirect.deny) == {_sign_out: "low"} with input as doc
	fixture.says(loopback_redirect.deny, "RedirectSignOutURIs") with input as doc
}

test_one_finding_for_a_list_holds_the_offending_members_sorted if {
	doc := fixture.patched({
		_sign_in: ["http://localhost:9000/", "https://shop.example.com/", "http://127.0.0.1/", 7],
		_sign_out: ["http://localhost/"],
	})
	fixture.paths(loopback_redirect.deny) == [_sign_in, _sign_out] with input as doc
	fixture.actuals(loopback_redirect.deny) == {
		_sign_in: ["http://127.0.0.1/", "http://localhost:9000/"],
		_sign_out: ["http://localhost/"],
	} with input as doc
}

test_production_and_unknown_stages_are_judged if {
	every stage in ["production", "unknown", "Development", "", null, 7] {
		doc := fixture.patched({_sign_in: ["http://localhost/"], "/Target/Stage": stage})
		fixture.paths(loopback_redirect.deny) == [_sign_in] with input as doc
		fixture.severities(loopback_redirect.deny) == {_sign_in: "base"} with input as doc
	}
}

test_an_unknown_stage_is_named if {
	doc := fixture.patched({_sign_in: ["http://localhost/"], "/Target/Stage": "unknown"})
	fixture.says(loopback_redirect.deny, "unknown stage") with input as doc
}

test_staging_and_development_are_fine if {
	every stage in ["staging", "development"] {
		doc := fixture.patched({
			_sign_in: ["http://localhost/"],
			_sign_out: ["http://localhost/"],
			"/Target/Stage": stage,
		})
		count(loopback_redirect.deny) == 0 with input as doc
	}
}

test_what_cannot_be_judged_is_left_to_insecure_redirect if {
	every value in ["http://localhost/", 7, {}, {"a": "http://localhost/"}, [null], [["http://localhost/"]]] {
		doc := fixture.patched({_sign_in: value})
		count(loopback_redirect.deny) == 0 with input as doc
		fixture.paths(insecure_redirect.deny) == [_sign_in] with input as doc
	}
}

test_an_absent_list_is_fine if {
	every doc in [{}, {"ResourceConfig": {"UserPoolConfigs": {"OAuth": {"RedirectSignInURIs": null}}}}] {
		count(loopback_redirect.deny) == 0 with input as doc
	}
}
