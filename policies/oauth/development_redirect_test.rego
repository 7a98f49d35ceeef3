package audit.oauth.development_redirect_test

import data.audit.lib.fixture_test as fixture
import data.audit.oauth.development_redirect
import data.audit.oauth.insecure_redirect
import data.audit.oauth.malformed_redirect

_sign_in := "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs"

_sign_out := "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignOutURIs"

test_the_good_document_is_fine if {
	count(development_redirect.deny) == 0 with input as fixture.good
}

test_no_redirect_is_fine if {
	doc := fixture.patched({_sign_in: [], _sign_out: []})
	count(development_redirect.deny) == 0 with input as doc
}

test_an_absent_list_is_fine if {
	every doc in [
		{},
		{"ResourceConfig": null},
		{"ResourceConfig": {"UserPoolConfigs": {"OAuth": {"RedirectSignInURIs": null}}}},
	] {
		count(development_redirect.deny) == 0 with input as doc
	}
}

test_one_missing_list_does_not_hide_the_other if {
	oauth := {"RedirectSignOutURIs": ["exp://10.0.0.1:19000"]}
	doc := {"ResourceConfig": {"UserPoolConfigs": {"OAuth": oauth}}}
	fixture.paths(development_redirect.deny) == [_sign_out] with input as doc
}

test_after_sign_out_it_is_one_level_lower if {
	doc := fixture.patched({_sign_out: ["exp://10.0.0.1:19000"]})
	fixture.paths(development_redirect.deny) == [_sign_out] with input as doc
	fixture.severities(development_redirect.deny) == {_sign_out: "low"} with input as doc
	fixture.says(development_redirect.deny, "RedirectSignOutURIs ") with input as doc
}

test_each_list_has_a_finding_of_its_own if {
	doc := fixture.patched({_sign_in: ["exp://10.0.0.1:19000"], _sign_out: ["exp://10.0.0.1:19000"]})
	fixture.paths(development_redirect.deny) == [_sign_in, _sign_out] with input as doc
	fixture.actuals(development_redirect.deny) == {
		_sign_in: ["exp://10.0.0.1:19000"],
		_sign_out: ["exp://10.0.0.1:19000"],
	} with input as doc
	fixture.severities(development_redirect.deny) == {_sign_in: "base", _sign_out: "low"} with input as doc
	fixture.expectations(development_redirect.deny) == {_sign_in: [], _sign_out: []} with input as doc
}

test_what_cannot_be_judged_is_left_to_insecure_redirect if {
	every value in [
		"exp://10.0.0.1:19000",
		"",
		7,
		false,
		{},
		{"a": "exp://10.0.0.1:19000"},
		[null],
		[7],
		[true],
		[{}],
		[["exp://10.0.0.1:19000"]],
	] {
		doc := fixture.patched({_sign_in: value})
		count(development_redirect.deny) == 0 with input as doc
		fixture.paths(insecure_redirect.deny) == [_sign_in] with input as doc
	}
}

test_production_and_unknown_stages_are_judged if {
	every stage in ["production", "unknown", "Development", "", null, 7] {
		doc := fixture.patched({_sign_in: ["exp://10.0.0.1:19000"], "/Target/Stage": stage})
		fixture.paths(development_redirect.deny) == [_sign_in] with input as doc
		fixture.severities(development_redirect.deny) == {_sign_in: "base"} with input as doc
	}
}

test_an_unknown_stage_is_named if {
	doc := fixture.patched({_sign_in: ["exp://10.0.0.1:19000"], "/Target/Stage": "unknown"})
	fixture.says(development_redirect.deny, "unknown stage") with input as doc
}

test_staging_and_development_are_fine if {
	every stage in ["staging", "development"] {
		doc := fixture.patched({
			_sign_in: ["exp://10.0.0.1:19000"],
			_sign_out: ["exp://10.0.0.1:19000"],
			"/Target/Stage": stage,
		})
		count(development_redirect.deny) == 0 with input as doc
	}
}

test_expo_is_found if {
	every entry in [
		"exp://127.0.0.1:19000",
		"exp://",
		"exp:/x",
		"EXP://10.0.0.1:19000/--/callback",
		"exps://u.expo.dev/x",
		" exp://10.0.0.1",
		"exp://exp.host/@me/shop",
		"exp+shop://callback",
		"exp+shop://expo-development-client/?url=http%3A%2F%2F10.0.0.1%3A8081",
	] {
		doc := fixture.patched({_sign_in: [entry]})
		fixture.paths(development_redirect.deny) == [_sign_in] with input as doc
		fixture.actuals(development_redirect.deny) == {_sign_in: [entry]} with input as doc
		fixture.says(development_redirect.deny, entry) with input as doc
		fixture.says(development_redirect.deny, "of a production environment") with input as doc
	}
}

test_what_only_looks_like_expo_is_fine if {
	every entry in [
		"https://exp.host/",
		"https://a.example/?u=exp://x",
		"expo://callback",
		"myexp://callback",
		"com.exp.shop:/callback",
		"exp",
		"",
	] {
		doc := fixture.patched({_sign_in: [entry], _sign_out: [entry]})
		count(development_redirect.deny) == 0 with input as doc
	}
}

test_a_host_that_is_called_exp_is_left_to_malformed_redirect if {
	doc := fixture.patched({_sign_in: ["exp:19000"]})
	count(development_redirect.deny) == 0 with input as doc
	fixture.paths(malformed_redirect.deny) == [_sign_in] with input as doc
}

test_one_finding_for_a_list_holds_the_offending_members_sorted if {
	doc := fixture.patched({_sign_in: ["exps://b/", "https://a.example/", "exp://c:hunter2@d/", 7]})
	fixture.paths(development_redirect.deny) == [_sign_in] with input as doc
	fixture.actuals(development_redirect.deny) == {_sign_in: ["exp://c:hunter2@d/", "exps://b/"]} with input as doc
	fixture.conceals(development_redirect.deny, "hunter2") with input as doc
}
