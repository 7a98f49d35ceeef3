package acme.parity_test

import data.acme.parity

_document(stage, attributes) := {
	"Target": {"Id": sprintf("d1/%s/auth", [stage]), "Environment": stage, "Stage": stage},
	"ResourceConfig": {"UserPoolConfigs": {"RequiredSignUpAttributes": attributes}},
}

_app(production, others) := {"Documents": array.concat(
	[_document("production", production)],
	[_document(stage, attributes) | some stage, attributes in others],
)}

test_other_attributes_in_staging_are_found if {
	parity.deny_sign_up == {{
		"target": "d1/production/auth",
		"msg": "production asks for other attributes than `staging`",
		"actual": ["EMAIL"],
	}} with input as _app(["EMAIL"], {"staging": ["EMAIL", "NAME"]})
}

test_the_same_attributes_are_fine if {
	parity.deny_sign_up == set() with input as _app(["EMAIL"], {"staging": ["EMAIL"], "development": []})
}

test_production_alone_is_fine if {
	parity.deny_sign_up == set() with input as _app(["EMAIL"], {})
}
