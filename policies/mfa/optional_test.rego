package audit.mfa.optional_test

import data.audit.lib.fixture_test as fixture
import data.audit.mfa.off
import data.audit.mfa.optional

_path := "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode"

test_on_is_fine if {
	count(optional.deny) == 0 with input as fixture.good
}

test_optional_is_found if {
	doc := fixture.patched({_path: "OPTIONAL"})
	fixture.paths(optional.deny) == [_path] with input as doc
	fixture.actuals(optional.deny) == {_path: "OPTIONAL"} with input as doc
	fixture.expectations(optional.deny) == {_path: "ON"} with input as doc
	fixture.says(optional.deny, "OPTIONAL") with input as doc
}

test_severity_does_not_depend_on_the_stage if {
	every stage in ["production", "staging", "development", "unknown", null] {
		doc := fixture.patched({_path: "OPTIONAL", "/Target/Stage": stage})
		fixture.severities(optional.deny) == {_path: "base"} with input as doc
	}
}

# One finding for one place: what is silent here is found there.
test_every_other_mode_is_left_to_mfa_off if {
	every mode in ["OFF", null, "Optional", "optional", "", true, ["OPTIONAL"], {}] {
		doc := fixture.patched({_path: mode})
		count(optional.deny) == 0 with input as doc
		count(off.deny) == 1 with input as doc
	}
}
