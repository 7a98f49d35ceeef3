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

test_private_scheme_is_what_an_app_opens if {
	every text, scheme in {
		"myapp://callback": "myapp",
		"MyApp:/callback": "myapp",
		"myapp:": "myapp",
		" myapp://": "myapp",
		"com.example.shop:/callback": "com.example.shop",
		"exp://127.0.0.1:19000": "exp",
		"exp+shop://x": "exp+shop",
		"httpx://example.com": "httpx",
		"localhost:3000x": "localhost",
	} {
		uri.private_scheme(text) == scheme
	}
}

test_no_private_scheme_is_undefined if {
	every text in [
		"http://example.com/",
		"HTTPS://example.com/",
		" https://example.com/",
		"javascript:alert(1)",
		" JavaScript:alert(1)",
		"java\nscript:alert(1)",
		"data:,x",
		"urn:ietf:wg:oauth:2.0:oob",
		"localhost:3000",
		"shop.example.com:8443/callback",
		"localhost:3000?x",
		"localhost:3000#x",
		"example.com",
		"/callback",
		"",
		null,
		7,
		["myapp://"],
	] {
		not uri.private_scheme(text)
	}
}

test_host_and_port_is_no_scheme if {
	every text in ["localhost:3000", "a.example:1/", " a.example:1?x", "a:0#"] {
		uri.host_and_port(text)
	}
	every text in [
		"http:80",
		"https:443/",
		"localhost:",
		"localhost:x",
		"a://1",
		"a:/1",
		"127.0.0.1:80",
		"[::1]:80",
		"",
		null,
		7,
		[],
	] {
		not uri.host_and_port(text)
	}
}

test_expo_schemes if {
	every scheme in ["exp", "exps", "exp+shop", "exp+"] {
		uri.expo_scheme(scheme)
	}
	every scheme in ["expo", "expx", "myexp", "shop+exp", ""] {
		not uri.expo_scheme(scheme)
	}
}

test_an_exact_host_is_one_machine_or_service if {
	every name in [
		"example.com",
		"shop",
		"my_app.example",
		"xn--bcher-kva.example",
		"1a.2b.example",
		"127.0.0.1.evil.com",
		"a.0xg",
		"0x.example",
		"10.0.0.1",
		"93.184.216.34",
		"255.255.255.255",
		"199.249.250.205",
		"[2001:db8::1]",
		"[2001:db8::]",
		"[fe80::1:2]",
		"[1:2:3:4:5:6:7:8]",
		"[1:2:3:4:5:6:7::]",
		"[1::8]",
	] {
		uri.exact_host(name)
	}
}

test_no_exact_host if {
	every name in [
		"127.1",
		"127.0.1",
		"0",
		"2130706433",
		"017700000001",
		"0177.0.0.1",
		"0x7f000001",
		"0x7f.1",
		"0x",
		"127.0.0.0x1",
		"0.0.0.0",
		"0.1.2.3",
		"256.0.0.1",
		"999.0.0.1",
		"10.0.0.256",
		"10.0.0.01",
		"10.0.0.1.2",
		"1.2.3.4.",
		"a.example.1",
		"a..b",
		".a",
		"a.",
		"",
		"%6cocalhost",
		"a,b",
		"a b",
		"ｌocalhost",
		"*",
		"*.example.com",
		"[::]",
		"[::ffff:127.0.0.1]",
		"[::ffff:7f00:1]",
		"[::7f00:1]",
		"[0:0:0:0:0:ffff:7f00:1]",
		"[2001:db8::127.0.0.1]",
		"[1:2:3]",
		"[1:2:3:4:5:6:7:8:9]",
		"[1:2:3:4:5:6:7:8::]",
		"[1::2::3]",
		"[1:::3]",
		"[12345::1]",
		"[1::12345]",
		"[]",
	] {
		not uri.exact_host(name)
	}
}

test_printable_has_no_user_information if {
	every text, printed in {
		"https://a.example/": "https://a.example/",
		"https://a.example/@me": "https://a.example/@me",
		"https://user:secret@a.example/": "https://…@a.example/",
		"https://a:b@c:d@a.example/@me": "https://…@a.example/@me",
		`https:\\user:secret@a.example\`: `https://…@a.example\`,
		"//user:secret@a.example/": "//…@a.example/",
	} {
		uri.printable(text) == printed
	}
}
