package audit.guest_access.enabled_test

import data.audit.guest_access.enabled
import data.audit.lib.fixture_test as fixture

_path := "/ResourceConfig/IdentityPoolConfigs/UnauthenticatedLogin"

_name := "/ResourceConfig/IdentityPoolConfigs/IdentityPoolName"

_resources := "/ResourceConfig/AuthResources"

test_false_is_fine if {
	count(enabled.deny) == 0 with input as fixture.good
}

test_true_is_found if {
	doc := fixture.patched({_path: true})
	fixture.paths(enabled.deny) == [_path] with input as doc
	fixture.actuals(enabled.deny) == {_path: true} with input as doc
	fixture.expectations(enabled.deny) == {_path: false} with input as doc
	fixture.says(enabled.deny, "UnauthenticatedLogin is true in a production environment:") with input as doc
}

test_true_is_found_whatever_auth_resources_says if {
	every resources in ["USER_POOL_ONLY", "IDENTITY_POOL_AND_USER_POOL", null] {
		doc := fixture.patched({_path: true, _name: null, _resources: resources})
		fixture.paths(enabled.deny) == [_path] with input as doc
	}
}

test_absent_is_found_where_there_is_or_may_be_an_identity_pool if {
	every values in [
		{_resources: "IDENTITY_POOL_AND_USER_POOL", _name: "shop_identitypool"},
		{_resources: "IDENTITY_POOL_AND_USER_POOL", _name: null},
		{_resources: "USER_POOL_ONLY", _name: "shop_identitypool"},
		{_resources: "USER_POOL_ONLY", _name: ""},
		{_resources: null, _name: null},
		{_resources: "IDENTITY_POOL_ONLY", _name: null},
		{_resources: "user_pool_only", _name: null},
		{_resources: 7, _name: null},
	] {
		doc := fixture.patched(object.union(values, {_path: null}))
		fixture.paths(enabled.deny) == [_path] with input as doc
		fixture.actuals(enabled.deny) == {_path: null} with input as doc
		fixture.says(enabled.deny, "absent") with input as doc
		fixture.says(enabled.deny, "cannot be ruled out") with input as doc
	}
}

test_absent_is_fine_without_an_identity_pool if {
	doc := fixture.patched({_path: null, _name: null, _resources: "USER_POOL_ONLY"})
	count(enabled.deny) == 0 with input as doc
}

test_false_is_fine_whatever_else_is_absent if {
	doc := fixture.patched({_name: null, _resources: null})
	count(enabled.deny) == 0 with input as doc
}

test_neither_true_nor_false_is_found_and_named if {
	every login in ["true", "false", "", 0, 1, [], [false], {}] {
		every resources in ["USER_POOL_ONLY", "IDENTITY_POOL_AND_USER_POOL"] {
			doc := fixture.patched({_path: login, _name: null, _resources: resources})
			fixture.paths(enabled.deny) == [_path] with input as doc
			fixture.actuals(enabled.deny) == {_path: login} with input as doc
			fixture.says(enabled.deny, "cannot be ruled out") with input as doc
			fixture.says(enabled.deny, sprintf("`%v`", [login])) with input as doc
		}
	}
}

test_a_document_without_the_member_is_found if {
	every doc in [{}, {"ResourceConfig": null}, {"ResourceConfig": {"IdentityPoolConfigs": "none"}}] {
		fixture.paths(enabled.deny) == [_path] with input as doc
		fixture.severities(enabled.deny) == {_path: "base"} with input as doc
	}
}

test_severity_by_stage if {
	every login in [true, null, "true"] {
		every stage, severity in {
			"production": "base",
			"unknown": "base",
			"no such stage": "base",
			"staging": "medium",
			"development": "medium",
		} {
			doc := fixture.patched({_path: login, "/Target/Stage": stage})
			fixture.severities(enabled.deny) == {_path: severity} with input as doc
		}
	}
}
