# 8: `tset_b` is no test, and nothing asks for it: it never runs
# 10: `testc` is no test
# 12: `tests_x` is no test
# 14: `Test_x` is no test
# 8: the names of tests begin with `test_`
package acme.mfa_test

tset_b if count([]) == 0

testc if count([1]) == 1

tests_x if true

Test_x if true
