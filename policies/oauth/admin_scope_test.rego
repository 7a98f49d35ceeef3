package audit.oauth.admin_scope_test

import data.audit.lib.fixture_test as fixture
import data.audit.oauth.admin_scope

_path := "/ResourceConfig/UserPoolConfigs/OAuth/OAuthScopes"

test_other_scopes_are_fine if {
	every scopes in [
		[],
		["EMAIL", "OPENID"],
		["EMAIL", "OPENID", "PHONE", "PROFILE"],
		["ADMIN"],
		["AWS_COGNITO_SIGNIN_USER"],
		["AWS_COGNITO_SIGNIN_USER_ADMIN_"],
		[""],
	] {
		doc := fixture.patched({_path: scopes})
		count(admin_scope.deny) == 0 with input as doc
	}
}

test_the_good_document_is_fine if {
	count(admin_scope.deny) == 0 with input as fixture.good
}

test_the_admin_scope_is_found_and_only_it_named if {
	doc := fixture.patched({_path: ["AWS_COGNITO_SIGNIN_USER_ADMIN", "EMAIL", "OPENID"]})
	fixture.paths(admin_scope.deny) == [_path] with input as doc
	fixture.actuals(admin_scope.deny) == {_path: ["AWS_COGNITO_SIGNIN_USER_ADMIN"]} with input as doc
	fixture.expectations(admin_scope.deny) == {_path: []} with input as doc
	fixture.severities(admin_scope.deny) == {_path: "base"} with input as doc
	fixture.says(admin_scope.deny, "OAuthScopes has `AWS_COGNITO_SIGNIN_USER_ADMIN`") with input as doc
	fixture.conceals(admin_scope.deny, "cannot be judged") with input as doc
}

test_other_spellings_are_found if {
	every scope in ["aws.cognito.signin.user.admin", "Aws_Cognito_Signin_User_Admin"] {
		doc := fixture.patched({_path: [scope]})
		fixture.actuals(admin_scope.deny) == {_path: [scope]} with input as doc
	}
}

test_what_is_no_string_cannot_be_judged if {
	every scope in [null, 7, true, ["AWS_COGNITO_SIGNIN_USER_ADMIN"], {}] {
		doc := fixture.patched({_path: ["OPENID", scope]})
		fixture.paths(admin_scope.deny) == [_path] with input as doc
		fixture.actuals(admin_scope.deny) == {_path: [scope]} with input as doc
		fixture.says(admin_scope.deny, "OAuthScopes has what is no scope and cannot be judged") with input as doc
	}
}

test_one_finding_holds_the_offending_members_sorted if {
	doc := fixture.patched({_path: ["OPENID", "AWS_COGNITO_SIGNIN_USER_ADMIN", 7]})
	fixture.paths(admin_scope.deny) == [_path] with input as doc
	fixture.actuals(admin_scope.deny) == {_path: [7, "AWS_COGNITO_SIGNIN_USER_ADMIN"]} with input as doc
}

test_what_is_no_list_cannot_be_judged if {
	every scopes in ["OPENID", "AWS_COGNITO_SIGNIN_USER_ADMIN", "", 7, false, {}] {
		doc := fixture.patched({_path: scopes})
		fixture.paths(admin_scope.deny) == [_path] with input as doc
		fixture.actuals(admin_scope.deny) == {_path: scopes} with input as doc
		fixture.says(admin_scope.deny, "no list") with input as doc
	}
}

test_absent_scopes_are_fine if {
	every doc in [{}, {"ResourceConfig": {"UserPoolConfigs": {"OAuth": {"OAuthScopes": null}}}}] {
		count(admin_scope.deny) == 0 with input as doc
	}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_path: ["AWS_COGNITO_SIGNIN_USER_ADMIN"], "/Target/Stage": stage})
		fixture.severities(admin_scope.deny) == {_path: "base"} with input as doc
	}
}
