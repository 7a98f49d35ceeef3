package acme.owner_test

import data.acme.owner

_production(labels) := {"Target": {"AppId": "d1", "Stage": "production", "Labels": labels}}

_nobody := {"nobody owns d1, a production environment"}

test_an_app_that_nobody_owns_is_found if {
	every labels in [{}, {"team": ""}, {"squad": "shop"}] {
		owner.deny_missing == _nobody with input as _production(labels)
	}
}

test_a_label_is_an_owner if {
	owner.deny_missing == set() with input as _production({"team": "shop"})
}

test_an_entry_in_the_list_is_an_owner if {
	owner.deny_missing == set() with input as _production({})
		with data.acme.owners as {"d1": "shop-team"}
	owner.deny_missing == _nobody with input as _production({})
		with data.acme.owners as {"d1": ""}
}

test_other_environments_need_none if {
	doc := {"Target": {"AppId": "d1", "Stage": "development", "Labels": {}}}
	owner.deny_missing == set() with input as doc
}
