package audit.oauth.malformed_redirect_test

import data.audit.lib.fixture_test as fixture
import data.audit.oauth.custom_scheme_redirect
import data.audit.oauth.development_redirect
import data.audit.oauth.insecure_redirect
import data.audit.oauth.loopback_redirect
import data.audit.oauth.malformed_redirect

_sign_in := "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs"

_sign_out := "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignOutURIs"

test_the_good_document_is_fine if {
	count(malformed_redirect.deny) == 0 with input as fixture.good
}

test_no_redirect_is_fine if {
	doc := fixture.patched({_sign_in: [], _sign_out: []})
	count(malformed_redirect.deny) == 0 with input as doc
}

test_an_absent_list_is_fine if {
	every doc in [
		{},
		{"ResourceConfig": null},
		{"ResourceConfig": {"UserPoolConfigs": {"OAuth": {"RedirectSignInURIs": null}}}},
	] {
		count(malformed_redirect.deny) == 0 with input as doc
	}
}

test_one_missing_list_does_not_hide_the_other if {
	oauth := {"RedirectSignOutURIs": ["https://*.example.com/"]}
	doc := {"ResourceConfig": {"UserPoolConfigs": {"OAuth": oauth}}}
	fixture.paths(malformed_redirect.deny) == [_sign_out] with input as doc
}

test_after_sign_out_it_is_one_level_lower if {
	doc := fixture.patched({_sign_out: ["https://*.example.com/"]})
	fixture.paths(malformed_redirect.deny) == [_sign_out] with input as doc
	fixture.severities(malformed_redirect.deny) == {_sign_out: "medium"} with input as doc
	fixture.says(malformed_redirect.deny, "RedirectSignOutURIs ") with input as doc
}

test_each_list_has_a_finding_of_its_own if {
	doc := fixture.patched({_sign_in: ["https://*.example.com/"], _sign_out: ["https://*.example.com/"]})
	fixture.paths(malformed_redirect.deny) == [_sign_in, _sign_out] with input as doc
	fixture.actuals(malformed_redirect.deny) == {
		_sign_in: ["https://*.example.com/"],
		_sign_out: ["https://*.example.com/"],
	} with input as doc
	fixture.severities(malformed_redirect.deny) == {_sign_in: "base", _sign_out: "medium"} with input as doc
	fixture.expectations(malformed_redirect.deny) == {_sign_in: [], _sign_out: []} with input as doc
}

test_what_cannot_be_judged_is_left_to_insecure_redirect if {
	every value in [
		"https://*.example.com/",
		"",
		7,
		false,
		{},
		{"a": "https://*.example.com/"},
		[null],
		[7],
		[true],
		[{}],
		[["https://*.example.com/"]],
	] {
		doc := fixture.patched({_sign_in: value})
		count(malformed_redirect.deny) == 0 with input as doc
		fixture.paths(insecure_redirect.deny) == [_sign_in] with input as doc
	}
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown"] {
		doc := fixture.patched({_sign_in: ["https://*.example.com/"], "/Target/Stage": stage})
		fixture.severities(malformed_redirect.deny) == {_sign_in: "base"} with input as doc
	}
}

test_exact_uris_are_fine if {
	every entry in [
		"https://shop.example.com",
		"https://shop.example.com/",
		"https://shop.example.com/a/b-c_d.e~f",
		"https://Shop.Example.com/CallBack",
		"HTTPS://shop.example.com/",
		"https://shop.example.com./",
		"https://shop.example.com:8443/callback",
		"https://shop.example.com:65535",
		"https://shop.example.com/callback?tenant=a&x=%20%2F",
		"https://shop.example.com?x=https://user@b.example/",
		"https://shop.example.com/@me//you@b.example",
		"https://shop.example.com/.well-known/callback;v=1,2(x)!$'+",
		"https://xn--bcher-kva.example/",
		"https://my_app.example/",
		"https://shop/",
		"https://127.0.0.1.evil.com/",
		"https://10.0.0.1/",
		"https://[2001:db8::1]:8443/callback",
		"https://localhost/",
		"http://localhost:3000/",
		"http://127.0.0.1:8080/callback",
		"http://[::1]:3000/",
		"com.example.shop:/callback",
		"com.example.shop://callback/@me",
		"myapp://",
		"myapp:/callback",
		"exp://exp.host/@me/shop",
		"exp+shop://expo-development-client/?url=http%3A%2F%2F10.0.0.1%3A8081",
	] {
		doc := fixture.patched({_sign_in: [entry], _sign_out: [entry]})
		count(malformed_redirect.deny) == 0 with input as doc
	}
}

test_what_is_wrong_is_found_and_said if {
	every fault, entries in {
		"empty": [""],
		"`javascript:` leads to no app": [
			"javascript:alert(1)",
			" JavaScript:alert(1)",
			"java\nscript:alert(1)",
			"javascript://shop.example.com/%0aalert(1)",
			"javascript:*",
		],
		"`data:` leads to no app": ["data:text/html,x", "DATA:,x"],
		"`vbscript:` leads to no app": ["vbscript:x"],
		"`file:` leads to no app": ["file:///etc/passwd", "file:x"],
		"`urn:` leads to no app": ["urn:ietf:wg:oauth:2.0:oob"],
		"`ftp:` leads to no app": ["ftp://shop.example.com/"],
		"a wildcard": [
			"*",
			"https://*",
			"https://*.example.com/",
			"https://shop.example.com/*",
			"https://shop.example.com:*/",
			"https://shop.example.com/?x=*",
			"myapp://*",
			"http://localhost/*",
		],
		"a backslash": [
			`https://localhost\@evil.com/`,
			`https:\\shop.example.com\`,
			`\\shop.example.com`,
			`https://shop.example.com/\`,
			`myapp:\\callback`,
		],
		"a blank, or a character that no URI has": [
			" ",
			" https://shop.example.com/",
			"https://shop.example.com/ ",
			"https://shop.example.com/\n",
			"https://shop.example.com/a b",
			"https://shop.\texample.com/",
			"https://shop.example.com/\u0000",
			"https://shop.example.com/\u007f",
			"https://shop.example.com/\u202e",
			"https://b\u00fccher.example/",
			"https://\uff4cocalhost/",
			"https://${domain}/",
			"https://shop.example.com/{tenant}",
			"https://shop.example.com/<x>",
			"https://shop.example.com/\"",
			"https://shop.example.com/^|`",
			" http://localhost/",
			" myapp://callback",
			"ht tps://shop.example.com/",
		],
		"no scheme": [
			"shop.example.com",
			"/callback",
			"//shop.example.com/",
			"callback",
			"?x",
			"#x",
			"://shop.example.com/",
			"localhost:3000",
			"shop.example.com:8443/callback",
			"127.0.0.1:3000",
			"[::1]:3000",
			"1https://shop.example.com/",
		],
		"a fragment": [
			"https://shop.example.com/#",
			"https://shop.example.com/#/callback",
			"https://shop.example.com#@evil.com",
			"http://localhost:3000/#x",
			"com.example.shop:/callback#x",
		],
		"a `%` that encodes nothing": [
			"https://shop.example.com/%",
			"https://shop.example.com/%2",
			"https://shop.example.com/%zz",
			"https://shop.example.com/%2g",
			"https://shop.example.com/%20%",
		],
		"a user name": [
			"https://user@shop.example.com/",
			"https://localhost@evil.com/",
			"https://user:pass@shop.example.com:8443",
			"https://@shop.example.com/",
			"https://a@b@shop.example.com/",
			"https://a@shop.example.com?x",
			"http://user@localhost/",
			"myapp://user@callback",
		],
		"no host that every reader agrees on": [
			"https://",
			"https:",
			"https:shop.example.com",
			"https:/shop.example.com",
			"https:///shop.example.com/",
			"https://?x",
			"https://:8443/",
			"https://shop.example.com:port/",
			"https://shop.example.com:80:80/",
			"https://[::1",
			"https://[]/",
			"https://::1/",
			"https://[::1]evil.com/",
			"https://[fe80::1%25eth0]/",
		],
		"a host that is no exact one": [
			"https://127.1",
			"https://127.1/",
			"https://0x7f000001",
			"https://0X7F.1/",
			"https://2130706433",
			"https://017700000001/",
			"https://0177.0.0.1/",
			"https://0.0.0.0",
			"https://0",
			"https://127.0.0.1.1/",
			"https://127.0.0.01:3000/",
			"https://127.0.0.256/",
			"https://[::]/",
			"https://[::ffff:127.0.0.1]",
			"https://[::FFFF:7F00:1]:3000/",
			"https://[0:0:0:0:0:ffff:7f00:1]/",
			"https://[::2]/",
			"https://[:]/",
			"https://%6cocalhost/",
			"https://127%2e0%2e0%2e1/",
			"https://shop..example.com/",
			"https://.example.com/",
			"https://localhost../",
		],
		"a port that there is not": [
			"https://shop.example.com:/",
			"https://shop.example.com:0/",
			"https://shop.example.com:08443/",
			"https://shop.example.com:65536/",
			"https://shop.example.com:100000/",
			"https://[2001:db8::1]:/",
			"http://localhost:",
			"http://localhost:99999/",
		],
	} {
		every entry in entries {
			doc := fixture.patched({_sign_in: [entry]})
			fixture.paths(malformed_redirect.deny) == [_sign_in] with input as doc
			fixture.actuals(malformed_redirect.deny) == {_sign_in: [entry]} with input as doc
			fixture.says(malformed_redirect.deny, sprintf("(%s)", [fault])) with input as doc
		}
	}
}

test_plain_http_is_left_to_insecure_redirect if {
	every entry in [
		"http://shop.example.com/",
		"http://*",
		"http://shop.example.com/#x",
		" http://shop.example.com/",
		"http://localhost@evil.com/",
		`http://localhost\@evil.com/`,
		"http://127.1/",
		"http://[::1",
		"http://",
		"http:80",
	] {
		doc := fixture.patched({_sign_in: [entry]})
		count(malformed_redirect.deny) == 0 with input as doc
		fixture.paths(insecure_redirect.deny) == [_sign_in] with input as doc
	}
}

test_one_finding_for_a_list_holds_the_offending_members_sorted if {
	doc := fixture.patched({_sign_in: ["https://b.example/#", "https://fine.example/", "/a", 7]})
	fixture.paths(malformed_redirect.deny) == [_sign_in] with input as doc
	fixture.actuals(malformed_redirect.deny) == {_sign_in: ["/a", "https://b.example/#"]} with input as doc
	fixture.says(malformed_redirect.deny, "`/a` (no scheme), `https://b.example/#` (a fragment)") with input as doc
}

test_user_information_is_not_repeated if {
	every entry in [
		"https://user:hunter2@a.example/",
		`https:\\user:hunter2@a.example/`,
		"//user:hunter2@a.example/*",
	] {
		doc := fixture.patched({_sign_in: [entry]})
		fixture.actuals(malformed_redirect.deny) == {_sign_in: [entry]} with input as doc
		fixture.conceals(malformed_redirect.deny, "hunter2") with input as doc
	}
}

_rules := {
	"custom_scheme": custom_scheme_redirect.deny,
	"development": development_redirect.deny,
	"insecure": insecure_redirect.deny,
	"loopback": loopback_redirect.deny,
	"malformed": malformed_redirect.deny,
}

_found := {name | some name, findings in _rules; count(findings) > 0}

# Which of the redirect rules object to a URI in production, and which elsewhere. Nothing falls between them, and two
# of them object to one URI only where two things are wrong with it.
test_every_redirect_is_found_by_the_rules_it_belongs_to if {
	every entry, expected in {
		"https://shop.example.com/": [set(), set()],
		"com.example.shop:/callback": [set(), set()],
		"https://10.0.0.1/": [set(), set()],
		"http://shop.example.com/": [{"insecure"}, {"insecure"}],
		"http://127.1/": [{"insecure"}, {"insecure"}],
		"http://0.0.0.0/": [{"insecure"}, {"insecure"}],
		"http://localhost/": [{"loopback"}, set()],
		"https://localhost/": [{"loopback"}, set()],
		"https://127.0.0.1/": [{"loopback"}, set()],
		"https://[::1]/": [{"loopback"}, set()],
		"https://[0:0:0:0:0:0:0:1]/": [{"loopback"}, set()],
		"https://127.1/": [{"malformed"}, {"malformed"}],
		"https://0.0.0.0/": [{"malformed"}, {"malformed"}],
		"https://[::ffff:127.0.0.1]/": [{"malformed"}, {"malformed"}],
		"https://localhost\\@evil.com/": [{"malformed"}, {"malformed"}],
		"localhost:3000": [{"malformed"}, {"malformed"}],
		"javascript:alert(1)": [{"malformed"}, {"malformed"}],
		"": [{"malformed"}, {"malformed"}],
		"https://localhost/#x": [{"loopback", "malformed"}, {"malformed"}],
		"myapp://callback": [{"custom_scheme"}, {"custom_scheme"}],
		"myapp://*": [{"custom_scheme", "malformed"}, {"custom_scheme", "malformed"}],
		"exp://10.0.0.1:19000": [{"development"}, set()],
		"exp://*": [{"development", "malformed"}, {"malformed"}],
	} {
		every path in [_sign_in, _sign_out] {
			every stage, index in {"production": 0, "unknown": 0, "staging": 1, "development": 1} {
				doc := fixture.patched({path: [entry], "/Target/Stage": stage})
				found := _found with input as doc
				found == expected[index]
			}
		}
	}
}
