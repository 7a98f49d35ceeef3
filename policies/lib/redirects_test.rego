package audit.lib.redirects_test

import data.audit.lib.fixture_test as fixture
import data.audit.lib.redirects

_in := "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs"

_out := "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignOutURIs"

test_plain_uris_are_left_out if {
	every uris in [
		[],
		["https://shop.example.com"],
		["https://shop.example.com/", "https://a-1.b.example.software/sign-in/Callback_2.html"],
	] {
		signing_in := fixture.patched({_in: uris})
		redirects.unusual == {} with input as signing_in
		signing_out := fixture.patched({_out: uris})
		redirects.unusual == {} with input as signing_out
	}
}

test_whatever_a_rule_may_object_to_is_unusual if {
	every entry in [
		"http://shop.example.com/",
		"HTTPS://shop.example.com/",
		"https://Shop.example.com/",
		"https://localhost/",
		"https://shop.localhost/",
		"https://localhost.localhost",
		"https://127.0.0.1/",
		"https://127.1/",
		"https://1.2.3.0x4/",
		"https://[::1]/",
		"https://com/",
		"https://shop.example.com:8443/",
		"https://shop.example.com./",
		"https://shop.example.com?next=/",
		"https://shop.example.com/#top",
		"https://shop.example.com/*",
		"https://*.example.com/",
		"https://shop.example.com/a b",
		"https://shop.example.com/%2e",
		"https://user@shop.example.com/",
		"https://shop.example.com\\",
		"https://shop.example.com/\"",
		"https://shop.example.com/\",\"http://evil.example",
		" https://shop.example.com/",
		"https://shop.example.com/\n",
		"https:/shop.example.com/",
		"https://",
		"shop://callback",
		"exp://127.0.0.1:19000",
		"com.example.shop:/callback",
		"",
		null,
		true,
		7,
		[],
		["https://shop.example.com/"],
		{},
	] {
		signing_in := fixture.patched({_in: ["https://shop.example.com/", entry]})
		redirects.unusual == {"RedirectSignInURIs": [entry]} with input as signing_in
		signing_out := fixture.patched({_out: [entry]})
		redirects.unusual == {"RedirectSignOutURIs": [entry]} with input as signing_out
	}
}

test_entries_keep_their_order if {
	uris := ["https://b.example/", "shop://b", "https://a.example/", "shop://a", "shop://b"]
	doc := fixture.patched({_in: uris, _out: uris})
	redirects.unusual == {
		"RedirectSignInURIs": ["shop://b", "shop://a", "shop://b"],
		"RedirectSignOutURIs": ["shop://b", "shop://a", "shop://b"],
	} with input as doc
}

test_what_is_no_list_is_unusual_as_it_is if {
	every value in ["https://shop.example.com/", {}, {"a": "https://shop.example.com/"}, 1, false] {
		signing_in := fixture.patched({_in: value})
		redirects.unusual == {"RedirectSignInURIs": value} with input as signing_in
		signing_out := fixture.patched({_out: value})
		redirects.unusual == {"RedirectSignOutURIs": value} with input as signing_out
	}
}

test_what_is_absent_is_not_unusual if {
	absent := fixture.patched({_in: null, _out: null})
	redirects.unusual == {} with input as absent
	redirects.unusual == {} with input as {}
	redirects.unusual == {} with input as {"ResourceConfig": {"UserPoolConfigs": {"OAuth": null}}}
}
