package audit.social.incomplete_provider_test

import data.audit.lib.fixture_test as fixture
import data.audit.social.incomplete_provider

_providers := "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings"

_path(member) := sprintf("%s/%s", [_providers, member])

_with(values) := fixture.patched({_path(member): value | some member, value in values})

_whole_apple := {
	"SignInWithApple/ClientId": "com.example.shop",
	"SignInWithApple/KeyId": "ABC123DEFG",
	"SignInWithApple/TeamId": "DEF123GHIJ",
}

test_no_provider_is_fine if {
	count(incomplete_provider.deny) == 0 with input as fixture.good
}

test_a_whole_provider_is_fine_with_and_without_its_secret if {
	every provider in ["Facebook", "Google", "LoginWithAmazon"] {
		every secret in [null, "", "REDACTED"] {
			doc := _with({
				sprintf("%s/ClientId", [provider]): "1234567890",
				sprintf("%s/ClientSecret", [provider]): secret,
			})
			count(incomplete_provider.deny) == 0 with input as doc
		}
	}
	every secret in [null, "", "REDACTED"] {
		doc := _with(object.union(_whole_apple, {"SignInWithApple/PrivateKey": secret}))
		count(incomplete_provider.deny) == 0 with input as doc
	}
}

test_a_secret_without_a_client_is_found if {
	every provider in ["Facebook", "Google", "LoginWithAmazon"] {
		path := _path(sprintf("%s/ClientId", [provider]))
		doc := _with({sprintf("%s/ClientSecret", [provider]): "REDACTED"})
		fixture.paths(incomplete_provider.deny) == [path] with input as doc
		fixture.actuals(incomplete_provider.deny) == {path: null} with input as doc
		fixture.severities(incomplete_provider.deny) == {path: "base"} with input as doc
		fixture.says(incomplete_provider.deny, sprintf("%s is set up in part: its ClientId is absent", [provider]))
			with input as doc
	}
}

test_an_empty_client_is_found if {
	every provider in ["Facebook", "Google", "LoginWithAmazon"] {
		every client in ["", " ", "\t\n"] {
			member := sprintf("%s/ClientId", [provider])
			doc := _with({member: client})
			fixture.actuals(incomplete_provider.deny) == {_path(member): client} with input as doc
			fixture.says(incomplete_provider.deny, "is empty") with input as doc
		}
	}
}

test_a_client_that_is_no_text_is_found if {
	every client in [7, true, false, [], ["x"], {}] {
		doc := _with({"Google/ClientId": client, "Google/ClientSecret": "REDACTED"})
		fixture.actuals(incomplete_provider.deny) == {_path("Google/ClientId"): client} with input as doc
		fixture.says(incomplete_provider.deny, "is no text") with input as doc
	}
}

test_each_missing_member_of_apple_is_found if {
	every member, _ in _whole_apple {
		every value in [null, "", " ", 7] {
			doc := _with(object.union(_whole_apple, {member: value}))
			fixture.paths(incomplete_provider.deny) == [_path(member)] with input as doc
			fixture.actuals(incomplete_provider.deny) == {_path(member): value} with input as doc
		}
	}
}

test_a_lone_member_of_apple_lacks_the_others if {
	every member, value in object.union(_whole_apple, {"SignInWithApple/PrivateKey": "REDACTED"}) {
		doc := _with({member: value})
		missing := sort([_path(other) | some other, _ in _whole_apple; other != member])
		fixture.paths(incomplete_provider.deny) == missing with input as doc
	}
}

test_providers_are_judged_apart if {
	doc := _with({"Facebook/ClientId": "1", "Google/ClientSecret": "REDACTED", "LoginWithAmazon/ClientId": ""})
	fixture.paths(incomplete_provider.deny) == [_path("Google/ClientId"), _path("LoginWithAmazon/ClientId")]
		with input as doc
}

test_empty_secrets_show_nothing if {
	doc := _with({"Google/ClientSecret": "", "SignInWithApple/PrivateKey": ""})
	count(incomplete_provider.deny) == 0 with input as doc
}

test_absent_providers_are_fine if {
	every settings in [null, {}, [], "", {"Google": null}, {"Google": {}}, {"SignInWithApple": "x"}] {
		doc := fixture.patched({_providers: settings})
		count(incomplete_provider.deny) == 0 with input as doc
	}
	count(incomplete_provider.deny) == 0 with input as {}
}

test_a_document_without_the_member_lacks_it if {
	doc := fixture.patched({_providers: {"Google": {"ClientSecret": "REDACTED"}}})
	fixture.paths(incomplete_provider.deny) == [_path("Google/ClientId")] with input as doc
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_path("Google/ClientSecret"): "REDACTED", "/Target/Stage": stage})
		fixture.severities(incomplete_provider.deny) == {_path("Google/ClientId"): "base"} with input as doc
	}
}
