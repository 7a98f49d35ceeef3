# 7: recursion, which Rego does not have: `_depth` needs `_depth`

package acme.depth

deny contains "it is deep" if _depth(input) > 7

_depth(value) := 1 + max([_depth(child) | some child in value])
