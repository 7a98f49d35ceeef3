package acme.mfa_test

import data.acme.mfa

_document(stage, types) := {
	"Target": {"Stage": stage},
	"ResourceConfig": {"UserPoolConfigs": {"Mfa": {"Settings": {"MfaTypes": types}}}},
}

test_a_forbidden_factor_is_found if {
	mfa.deny_forbidden_factor == {{
		"msg": "Production offers a forbidden second factor: `SMS`",
		"expected": ["TOTP"],
		"actual": ["SMS"],
	}} with input as _document("production", ["SMS", "TOTP"])
		with data.audit.params.acme.mfa_types as ["TOTP"]
}

test_allowed_factors_are_fine if {
	every types in [[], ["TOTP"]] {
		mfa.deny_forbidden_factor == set() with input as _document("production", types)
			with data.audit.params.acme.mfa_types as ["TOTP"]
	}
}

test_other_environments_may_offer_any if {
	mfa.deny_forbidden_factor == set() with input as _document("staging", ["SMS"])
		with data.audit.params.acme.mfa_types as ["TOTP"]
}
