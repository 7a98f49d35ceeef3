package audit.guest_access.inconsistent_identity_pool_test

import data.audit.guest_access.enabled
import data.audit.guest_access.inconsistent_identity_pool as inconsistent
import data.audit.lib.fixture_test as fixture

_path := "/ResourceConfig/AuthResources"

_name := "/ResourceConfig/IdentityPoolConfigs/IdentityPoolName"

_login := "/ResourceConfig/IdentityPoolConfigs/UnauthenticatedLogin"

_doc(resources, name, login) := fixture.patched({_path: resources, _name: name, _login: login})

test_agreement_is_fine if {
	count(inconsistent.deny) == 0 with input as fixture.good
	every doc in [
		_doc("IDENTITY_POOL_AND_USER_POOL", "shop", true),
		_doc("IDENTITY_POOL_AND_USER_POOL", "shop", null),
		_doc("IDENTITY_POOL_AND_USER_POOL", null, true),
		_doc("IDENTITY_POOL_AND_USER_POOL", null, false),
		_doc("IDENTITY_POOL_AND_USER_POOL", "", false),
		_doc("USER_POOL_ONLY", null, null),
		_doc("USER_POOL_ONLY", "", null),
		_doc("USER_POOL_ONLY", null, false),
		_doc("USER_POOL_ONLY", "", false),
	] {
		count(inconsistent.deny) == 0 with input as doc
	}
}

test_settings_of_a_pool_that_there_should_not_be_are_found if {
	every values in [
		["shop", null],
		["shop", false],
		["shop", true],
		[null, true],
		["", true],
		[null, "true"],
		[null, 0],
		[7, null],
		[{}, false],
		[" ", null],
	] {
		doc := _doc("USER_POOL_ONLY", values[0], values[1])
		fixture.paths(inconsistent.deny) == [_path] with input as doc
		fixture.actuals(inconsistent.deny) == {_path: "USER_POOL_ONLY"} with input as doc
		fixture.expectations(inconsistent.deny) == {_path: "IDENTITY_POOL_AND_USER_POOL"} with input as doc
		fixture.severities(inconsistent.deny) == {_path: "base"} with input as doc
		fixture.says(inconsistent.deny, "but there are settings of an identity pool") with input as doc
	}
}

test_a_pool_without_settings_is_found if {
	every name in [null, ""] {
		doc := _doc("IDENTITY_POOL_AND_USER_POOL", name, null)
		fixture.paths(inconsistent.deny) == [_path] with input as doc
		fixture.actuals(inconsistent.deny) == {_path: "IDENTITY_POOL_AND_USER_POOL"} with input as doc
		fixture.expectations(inconsistent.deny) == {_path: "USER_POOL_ONLY"} with input as doc
		fixture.says(inconsistent.deny, "but there are no settings of an identity pool") with input as doc
	}
}

test_a_document_without_the_settings_has_none if {
	every config in [
		{"AuthResources": "IDENTITY_POOL_AND_USER_POOL"},
		{"AuthResources": "IDENTITY_POOL_AND_USER_POOL", "IdentityPoolConfigs": null},
		{"AuthResources": "IDENTITY_POOL_AND_USER_POOL", "IdentityPoolConfigs": "shop"},
	] {
		doc := {"ResourceConfig": config}
		fixture.paths(inconsistent.deny) == [_path] with input as doc
	}
}

# It contradicts nothing, and guest access is not ruled out by it.
test_what_says_nothing_of_a_pool_is_left_to_guest_access if {
	every resources in [null, "user_pool_only", "IDENTITY_POOL_ONLY", "", 7, true, [], ["USER_POOL_ONLY"], {}] {
		doc := _doc(resources, null, null)
		count(inconsistent.deny) == 0 with input as doc
		count(enabled.deny) == 1 with input as doc
	}
	count(inconsistent.deny) == 0 with input as {}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_path: "USER_POOL_ONLY", "/Target/Stage": stage})
		fixture.severities(inconsistent.deny) == {_path: "base"} with input as doc
	}
}
