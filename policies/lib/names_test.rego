package audit.lib.names_test

import data.audit.lib.names

test_up_to_three_are_named if {
	names.listed([]) == ""
	names.listed(["a"]) == "`a`"
	names.listed({"c", "a", "b"}) == "`a`, `b`, `c`"
}

test_more_than_three_are_counted if {
	names.listed({"d", "c", "a", "b"}) == "`a`, `b`, `c` and 1 more"
	names.listed([sprintf("e%d", [i]) | some i in numbers.range(1, 9)]) == "`e1`, `e2`, `e3` and 6 more"
}
