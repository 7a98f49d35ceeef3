package audit.oauth.implicit_grant_test

import data.audit.lib.fixture_test as fixture
import data.audit.oauth.implicit_grant

_oauth := "/ResourceConfig/UserPoolConfigs/OAuth"

_path := sprintf("%s/OAuthGrantType", [_oauth])

# No member of OAuth is there but the given ones.
_bare(members) := fixture.patched(object.union(
	{
		_path: null,
		sprintf("%s/DomainPrefix", [_oauth]): null,
		sprintf("%s/OAuthScopes", [_oauth]): [],
		sprintf("%s/RedirectSignInURIs", [_oauth]): [],
		sprintf("%s/RedirectSignOutURIs", [_oauth]): [],
	},
	{sprintf("%s/%s", [_oauth, name]): value | some name, value in members},
))

test_code_is_fine if {
	count(implicit_grant.deny) == 0 with input as fixture.good
}

test_code_alone_is_fine if {
	doc := _bare({"OAuthGrantType": "CODE"})
	count(implicit_grant.deny) == 0 with input as doc
}

test_implicit_is_found if {
	doc := fixture.patched({_path: "IMPLICIT"})
	fixture.paths(implicit_grant.deny) == [_path] with input as doc
	fixture.actuals(implicit_grant.deny) == {_path: "IMPLICIT"} with input as doc
	fixture.expectations(implicit_grant.deny) == {_path: "CODE"} with input as doc
	fixture.severities(implicit_grant.deny) == {_path: "base"} with input as doc
	fixture.says(implicit_grant.deny, "OAuthGrantType is IMPLICIT:") with input as doc
}

test_implicit_is_found_without_anything_else if {
	doc := _bare({"OAuthGrantType": "IMPLICIT"})
	fixture.paths(implicit_grant.deny) == [_path] with input as doc
}

test_no_oauth_is_fine if {
	doc := _bare({})
	count(implicit_grant.deny) == 0 with input as doc
}

test_members_that_are_null_are_no_oauth if {
	doc := _bare({"OAuthScopes": null, "RedirectSignInURIs": null, "RedirectSignOutURIs": null})
	count(implicit_grant.deny) == 0 with input as doc
}

test_a_document_without_the_members_has_no_oauth if {
	every doc in [{}, {"ResourceConfig": {"UserPoolConfigs": {"OAuth": null}}}] {
		count(implicit_grant.deny) == 0 with input as doc
	}
}

test_a_missing_grant_is_absent if {
	doc := {"ResourceConfig": {"UserPoolConfigs": {"OAuth": {"DomainPrefix": "shop"}}}}
	fixture.actuals(implicit_grant.deny) == {_path: null} with input as doc
}

test_an_absent_grant_is_found_where_oauth_is_configured if {
	every name, value in {
		"DomainPrefix": "shop",
		"OAuthScopes": ["OPENID"],
		"RedirectSignInURIs": ["https://shop.example.com/"],
		"RedirectSignOutURIs": ["https://shop.example.com/"],
	} {
		doc := _bare({name: value})
		fixture.paths(implicit_grant.deny) == [_path] with input as doc
		fixture.actuals(implicit_grant.deny) == {_path: null} with input as doc
		fixture.severities(implicit_grant.deny) == {_path: "base"} with input as doc
		fixture.says(implicit_grant.deny, "absent") with input as doc
	}
}

test_a_block_without_a_grant_is_found_whatever_it_holds if {
	doc := object.union(_bare({}), {"Missing": [_path]})
	fixture.paths(implicit_grant.deny) == [_path] with input as doc
	fixture.says(implicit_grant.deny, "is absent while OAuth is configured") with input as doc
}

test_a_member_of_the_wrong_type_means_oauth_is_configured if {
	every name in ["DomainPrefix", "OAuthScopes", "RedirectSignInURIs", "RedirectSignOutURIs"] {
		every value in [false, 0, "x", {}] {
			doc := _bare({name: value})
			fixture.paths(implicit_grant.deny) == [_path] with input as doc
		}
	}
}

test_anything_but_code_is_found_and_named if {
	every grant in ["code", "CODE ", "TOKEN", "CLIENT_CREDENTIALS", "", false, true, 0, ["CODE"], {}] {
		doc := _bare({"OAuthGrantType": grant})
		fixture.paths(implicit_grant.deny) == [_path] with input as doc
		fixture.actuals(implicit_grant.deny) == {_path: grant} with input as doc
		fixture.says(implicit_grant.deny, "no documented grant") with input as doc
		fixture.says(implicit_grant.deny, sprintf("`%v`", [grant])) with input as doc
	}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_path: "IMPLICIT", "/Target/Stage": stage})
		fixture.severities(implicit_grant.deny) == {_path: "base"} with input as doc
	}
}
