# What the tests of the pack share: a document that no rule objects to, ways to spoil it at one
# place, and readers of what a rule found. It has no test of its own: every rule's test says that it
# finds nothing in `good`.
package audit.lib.fixture_test

# Every documented member, as the document always has them.
good := {
	"SchemaVersion": 1,
	"Origin": "deployed",
	"Target": {
		"Id": "d1a2b3c4d5e6f7/prod/shopauth",
		"Account": "111122223333",
		"Region": "eu-west-1",
		"AppId": "d1a2b3c4d5e6f7",
		"AppName": "shop",
		"Environment": "prod",
		"Resource": "shopauth",
		"Stage": "production",
		"Labels": {"team": "shop"},
	},
	"ResourceConfig": {
		"AuthResources": "IDENTITY_POOL_AND_USER_POOL",
		"IdentityPoolConfigs": {
			"IdentityPoolName": "shop_identitypool",
			"UnauthenticatedLogin": false,
		},
		"Service": "COGNITO",
		"UserPoolConfigs": {
			"ForgotPassword": {
				"DeliveryMethod": "EMAIL",
				"EmailSettings": {
					"EmailMessage": "Your reset code is {####}",
					"EmailSubject": "Reset your password",
				},
				"SmsSettings": {"SmsMessage": null},
			},
			"Mfa": {
				"MFAMode": "ON",
				"Settings": {
					"MfaTypes": ["TOTP"],
					"SmsMessage": null,
				},
			},
			"OAuth": {
				"DomainPrefix": "shop",
				"OAuthGrantType": "CODE",
				"OAuthScopes": ["EMAIL", "OPENID"],
				"RedirectSignInURIs": ["https://shop.example.com/"],
				"RedirectSignOutURIs": ["https://shop.example.com/"],
				"SocialProviderSettings": {
					"Facebook": {"ClientId": null, "ClientSecret": null},
					"Google": {"ClientId": null, "ClientSecret": null},
					"LoginWithAmazon": {"ClientId": null, "ClientSecret": null},
					"SignInWithApple": {"ClientId": null, "KeyId": null, "PrivateKey": null, "TeamId": null},
				},
			},
			"PasswordPolicy": {
				"AdditionalConstraints": [],
				"MinimumLength": 12,
			},
			"RequiredSignUpAttributes": ["EMAIL"],
			"SignInMethod": "EMAIL",
			"UserPoolName": "shop_userpool",
			"VerificationMessage": {
				"DeliveryMethod": "EMAIL",
				"EmailSettings": {
					"EmailMessage": "Your verification code is {####}",
					"EmailSubject": "Verify your address",
				},
				"SmsSettings": {"SmsMessage": null},
			},
		},
	},
	"Missing": [],
	"Unrecognised": [],
}

# The good document with other values at some pointers. An absent scalar is `null`, an absent list `[]`.
patched(values) := json.patch(good, [{"op": "replace", "path": path, "value": value} |
	some path, value in values
])

# The good document of another stage.
staged(stage) := patched({"/Target/Stage": stage})

# The good document of another environment of the same app, with other values at some pointers.
environment(name, stage, values) := patched(object.union(values, {
	"/Target/Id": sprintf("d1a2b3c4d5e6f7/%s/shopauth", [name]),
	"/Target/Environment": name,
	"/Target/Stage": stage,
}))

# What a rule of scope app is given: the documents of one app, sorted by their targets' ids.
app(documents) := {
	"App": {
		"AppId": "d1a2b3c4d5e6f7",
		"AppName": "shop",
		"Account": "111122223333",
		"Region": "eu-west-1",
	},
	"Documents": [doc |
		some id in sort([doc.Target.Id | some doc in documents])
		some doc in documents
		doc.Target.Id == id
	],
}

# Which documents the findings of a rule of scope app are about, and where in them they point.
places(findings) := sort([[finding.target, finding.path] | some finding in findings])

# Where the findings point. A sorted array and not a set, so that two findings at one place are seen.
paths(findings) := sort([finding.path | some finding in findings])

# Severity by path, with `base` where the rule leaves it to its metadata.
severities(findings) := {finding.path: object.get(finding, "severity", "base") | some finding in findings}

# The judged value by path.
actuals(findings) := {finding.path: finding.actual | some finding in findings}

# What was wanted, by path.
expectations(findings) := {finding.path: finding.expected | some finding in findings}

# Whether there are findings and every one of their messages has the text.
says(findings, text) if {
	count(findings) > 0
	every finding in findings {
		contains(finding.msg, text)
	}
}

# Whether there are findings and none of their messages has the text.
conceals(findings, text) if {
	count(findings) > 0
	every finding in findings {
		not contains(finding.msg, text)
	}
}
