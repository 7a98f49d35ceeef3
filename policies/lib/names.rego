# How messages name what may be many. An app can have hundreds of environments, and a message is one line.
package audit.lib.names

# The first three of a collection, in order, and how many more there are: `a`, `b`, `c` and 4 more.
listed(names) := concat("", [
	concat(", ", [sprintf("`%v`", [name]) | some name in array.slice(sorted, 0, 3)]),
	concat("", [sprintf(" and %d more", [count(sorted) - 3]) | count(sorted) > 3]),
]) if {
	sorted := sort(names)
}
