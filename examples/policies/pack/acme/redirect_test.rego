package acme.redirect_test

import data.acme.redirect

_document(stage, uris) := {
	"Target": {"Stage": stage},
	"ResourceConfig": {"UserPoolConfigs": {"OAuth": {"RedirectSignInURIs": uris}}},
}

# What is found of one URI in production.
_found(text) := [finding.actual |
	some finding in redirect.deny_foreign_domain with input as _document("production", [text])
		with data.acme.domains as ["example.com"]
]

test_domains_of_ours if {
	every text in ["https://example.com/", "https://shop.EXAMPLE.com:8443/a?b", "https://a.b.example.com"] {
		_found(text) == []
	}
}

test_foreign_domains_are_found if {
	every text in [
		"https://example.org/",
		"https://notexample.com/",
		"https://example.com.evil.org/",
		`https://evil.org\@example.com/`,
		"https://example.com@evil.org/",
		"myapp://callback",
		"example.com",
		"",
	] {
		_found(text) == [[text]]
	}
}

test_only_the_foreign_ones_are_named if {
	doc := _document("production", ["https://a.example/", "https://example.com/", "https://b.example/"])
	redirect.deny_foreign_domain == {{
		"msg": "2 of 3 redirect URIs lead to no domain of ours",
		"path": "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs",
		"expected": ["example.com"],
		"actual": ["https://a.example/", "https://b.example/"],
	}} with input as doc with data.acme.domains as ["example.com"]
}

test_no_redirect_is_fine if {
	redirect.deny_foreign_domain == set() with input as _document("production", [])
}

test_developers_may_redirect_anywhere if {
	doc := _document("development", ["http://localhost:3000/"])
	redirect.deny_foreign_domain == set() with input as doc
}
