package audit.oauth.missing_openid_test

import data.audit.lib.fixture_test as fixture
import data.audit.oauth.admin_scope
import data.audit.oauth.missing_openid

_path := "/ResourceConfig/UserPoolConfigs/OAuth/OAuthScopes"

test_the_good_document_is_fine if {
	count(missing_openid.deny) == 0 with input as fixture.good
}

test_scopes_with_openid_or_without_claims_are_fine if {
	every scopes in [
		[],
		["OPENID"],
		["EMAIL", "OPENID", "PHONE", "PROFILE"],
		["email", "openid"],
		["EMAIL", "openid"],
		["AWS_COGNITO_SIGNIN_USER_ADMIN"],
		["EMAILS"],
		["shop/email"],
		[""],
	] {
		doc := fixture.patched({_path: scopes})
		count(missing_openid.deny) == 0 with input as doc
	}
}

test_claims_without_openid_are_found_and_named if {
	doc := fixture.patched({_path: ["PROFILE", "AWS_COGNITO_SIGNIN_USER_ADMIN", "EMAIL", "PHONE"]})
	fixture.paths(missing_openid.deny) == [_path] with input as doc
	fixture.actuals(missing_openid.deny) == {_path: ["EMAIL", "PHONE", "PROFILE"]} with input as doc
	fixture.expectations(missing_openid.deny) == {_path: ["OPENID"]} with input as doc
	fixture.severities(missing_openid.deny) == {_path: "base"} with input as doc
	fixture.says(missing_openid.deny, "OAuthScopes has `EMAIL`, `PHONE`, `PROFILE` but not OPENID") with input as doc
}

test_each_claim_in_any_casing_is_found if {
	every scope in ["EMAIL", "PHONE", "PROFILE", "email", "Phone", "profile"] {
		doc := fixture.patched({_path: [scope]})
		fixture.actuals(missing_openid.deny) == {_path: [scope]} with input as doc
	}
}

test_what_only_looks_like_openid_is_found if {
	every scope in ["OPEN_ID", "OPENID ", "OPENIDS", "", null, 7, ["OPENID"], {"OPENID": true}] {
		doc := fixture.patched({_path: ["EMAIL", scope]})
		fixture.actuals(missing_openid.deny) == {_path: ["EMAIL"]} with input as doc
	}
}

test_what_cannot_be_judged_is_left_to_admin_scope if {
	every scopes in ["EMAIL", "", 7, false, {}, {"a": "EMAIL"}, [null], [7], [["EMAIL"]]] {
		doc := fixture.patched({_path: scopes})
		count(missing_openid.deny) == 0 with input as doc
		fixture.paths(admin_scope.deny) == [_path] with input as doc
	}
}

test_absent_scopes_are_fine if {
	every doc in [
		{},
		{"ResourceConfig": null},
		{"ResourceConfig": {"UserPoolConfigs": {"OAuth": {"OAuthScopes": null}}}},
	] {
		count(missing_openid.deny) == 0 with input as doc
	}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_path: ["EMAIL"], "/Target/Stage": stage})
		fixture.severities(missing_openid.deny) == {_path: "base"} with input as doc
	}
}
