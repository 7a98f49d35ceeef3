package audit.social.secret_exposed_test

import data.audit.lib.fixture_test as fixture
import data.audit.social.secret_exposed

_providers := "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings"

_path(member) := sprintf("%s/%s", [_providers, member])

_members := [
	"Facebook/ClientSecret",
	"Google/ClientSecret",
	"LoginWithAmazon/ClientSecret",
	"SignInWithApple/PrivateKey",
]

test_no_secret_is_fine if {
	count(secret_exposed.deny) == 0 with input as fixture.good
}

test_an_empty_secret_is_fine if {
	every member in _members {
		every secret in [null, "", [], {}] {
			doc := fixture.patched({_path(member): secret})
			count(secret_exposed.deny) == 0 with input as doc
		}
	}
}

test_other_members_are_no_secrets if {
	doc := fixture.patched({
		_path("Facebook/ClientId"): "1",
		_path("Google/ClientId"): "2",
		_path("LoginWithAmazon/ClientId"): "3",
		_path("SignInWithApple/ClientId"): "4",
		_path("SignInWithApple/KeyId"): "5",
		_path("SignInWithApple/TeamId"): "6",
	})
	count(secret_exposed.deny) == 0 with input as doc
}

test_a_secret_is_found_at_its_place if {
	every member in _members {
		doc := fixture.patched({_path(member): "REDACTED"})
		fixture.paths(secret_exposed.deny) == [_path(member)] with input as doc
		fixture.actuals(secret_exposed.deny) == {_path(member): "REDACTED"} with input as doc
		fixture.expectations(secret_exposed.deny) == {_path(member): null} with input as doc
		fixture.severities(secret_exposed.deny) == {_path(member): "base"} with input as doc
		fixture.says(secret_exposed.deny, sprintf("%s is not empty", [replace(member, "/", ".")])) with input as doc
	}
}

test_every_provider_is_a_finding_of_its_own if {
	doc := fixture.patched({_path(member): "REDACTED" | some member in _members})
	fixture.paths(secret_exposed.deny) == sort([_path(member) | some member in _members]) with input as doc
}

test_the_value_is_never_shown if {
	every secret in ["hunter2", " ", {"hunter2": "hunter2"}, ["hunter2"], 7, true, false, 0] {
		doc := fixture.patched({_path("Google/ClientSecret"): secret})
		fixture.actuals(secret_exposed.deny) == {_path("Google/ClientSecret"): "REDACTED"} with input as doc
		fixture.conceals(secret_exposed.deny, "hunter2") with input as doc
	}
}

test_absent_providers_are_fine if {
	every settings in [null, {}, [], "", {"Google": null}, {"Google": {}}, {"SignInWithApple": "x"}] {
		doc := fixture.patched({_providers: settings})
		count(secret_exposed.deny) == 0 with input as doc
	}
	count(secret_exposed.deny) == 0 with input as {}
}

test_an_absent_provider_does_not_hide_another if {
	doc := fixture.patched({_providers: {"Facebook": null, "Google": {"ClientSecret": "REDACTED"}}})
	fixture.paths(secret_exposed.deny) == [_path("Google/ClientSecret")] with input as doc
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_path("Google/ClientSecret"): "REDACTED", "/Target/Stage": stage})
		fixture.severities(secret_exposed.deny) == {_path("Google/ClientSecret"): "base"} with input as doc
	}
}
