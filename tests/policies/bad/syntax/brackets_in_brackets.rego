# 8: more than 14 brackets are open here
# 8: a name of its own

package acme.mfa

# Fourteen of these take the engine's parser two seconds, and each one more doubles that.
deny contains "x" if {
	[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]] == input.Target.Id
}
