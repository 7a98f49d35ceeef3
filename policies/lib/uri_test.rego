package audit.lib.uri_test

import data.audit.lib.uri

test_scheme_is_in_lower_case if {
	every text, scheme in {
		"http://example.com/": "http",
		"HTTP://example.com/": "http",
		"hTTps://example.com": "https",
		"http:example.com": "http",
		"http:/example.com": "http",
		" \t\nhttp://example.com/": "http",
		"ht\ntp://example.com/": "http",
		"com.example.shop:/callback": "com.example.shop",
		"myapp://": "myapp",
		"Web+Shop9://callback": "web+shop9",
	} {
		uri.scheme(text) == scheme
	}
}

test_no_scheme_is_undefined if {
	every text in [
		"",
		"example.com",
		"/callback",
		"//example.com/",
		"://x",
		"1http://x",
		"*",
		null,
		7,
		true,
		[],
		{},
	] {
		not uri.scheme(text)
	}
}

test_host_is_what_a_browser_connects_to if {
	every text, host in {
		"http://example.com": "example.com",
		"http://Example.COM:8080/a?b#c": "example.com",
		"https://example.com?x=http://localhost/": "example.com",
		"https://example.com#@localhost/": "example.com",
		"http://localhost@evil.com/": "evil.com",
		"http://localhost:80@evil.com/": "evil.com",
		"http://evil.com@localhost/": "localhost",
		"http://localhost.": "localhost",
		"http://localhost.evil.com": "localhost.evil.com",
		"http://localhost:": "localhost",
		"http://[::1]:3000/": "[::1]",
		"http://[::FFFF:127.0.0.1]/": "[::ffff:127.0.0.1]",
		"exp://192.168.0.2:19000": "192.168.0.2",
		"web+shop9://callback/": "callback",
		" http://local\thost/ ": "localhost",
		"http://localhost/\\evil": "localhost",
	} {
		uri.host(text) == host
	}
}

# `not` makes an undefined host a failure to spare: these are the URIs on which readers disagree.
test_ambiguous_host_is_undefined if {
	every text in [
		`http://localhost\@evil.com/`,
		`http://evil.com\@localhost/`,
		`http:\\localhost\`,
		"http://a@b@localhost/",
		"http://localhost:port/",
		"http://localhost:80:80/",
		"http://[::1/",
		"http://::1/",
		"http://[::1]evil.com/",
		"http://",
		"http:///localhost/",
		"http:localhost",
		"com.example.shop:/callback",
		"localhost",
		"",
		null,
		7,
		["http://localhost/"],
	] {
		not uri.host(text)
		not uri.loopback(text)
	}
}

test_loopback if {
	every text in [
		"http://localhost",
		"http://localhost/",
		"http://LOCALHOST:3000/callback",
		"https://localhost/",
		"http://localhost./",
		"http://app.localhost:8080/",
		"http://a.b.localhost",
		"http://user:secret@localhost:1/",
		"http://127.0.0.1/",
		"http://127.0.0.1:8080",
		"http://127.1.2.3/",
		"http://127.255.255.255/",
		"http://127.10.99.100/",
		"http://127.110.199.109/",
		"http://127.200.249.250/",
		"http://127.205.211.190/",
		"http://[::1]/",
		"http://[::1]:3000",
		"http://[0:0:0:0:0:0:0:1]/",
		"http://[0000:0000::0001]/",
		"http://[0::0:1]/",
		"http://[::0:0:01]/",
		"http://localhost?x",
		"http://localhost#x",
		"  http://localhost/\n",
	] {
		uri.loopback(text)
	}
}

test_not_loopback if {
	every text in [
		"http://example.com/",
		"http://localhost@evil.com/",
		"http://localhost:80@evil.com/",
		"http://localhost.evil.com/",
		"http://localhost.evil.com./",
		"http://localhost../",
		"http://.localhost/",
		"http://notlocalhost/",
		"http://my-localhost/",
		"http://localhosts/",
		"http://evil.com/localhost",
		"http://evil.com/?localhost",
		"http://evil.com#localhost",
		"http://evil.com%2f.localhost/",
		"http://%6cocalhost/",
		"http://ｌocalhost/",
		"http://127.0.0.1.evil.com/",
		"http://127.0.0.1@evil.com/",
		"http://127.0.0.256/",
		"http://127.0.0.260/",
		"http://127.0.0.300/",
		"http://127.0.0.01/",
		"http://127.0.0.1.1/",
		"http://127.0.0/",
		"http://128.0.0.1/",
		"http://1127.0.0.1/",
		"http://0.0.0.0/",
		"http://[::2]/",
		"http://[::11]/",
		"http://[:::1]/",
		"http://[::1:1]/",
		"http://[0:::0:1]/",
		"http://[0:1]/",
		"http://[0:0:0:0:0::::1]/",
		"http://[]/",
		"http://[1::1]/",
		"http://[::]/",
		"http://[::1.evil.com]/",
	] {
		not uri.loopback(text)
	}
}
