# 5: did you mean `Labels`?

package acme.owner

deny contains "nobody owns this" if not input.Target.Label.team
