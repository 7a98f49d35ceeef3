# What a rule needs to know of the stage of an environment, in one place, so that no two rules can
# disagree on what `unknown` means: it is judged as strictly as production. An environment whose name
# matches no pattern of [stages] may well be the one that serves customers, and a milder judgement of
# it would be a false green.
package audit.lib.stage

# The stage, and `unknown` for whatever is not one of the three others, an absent one included.
default name := "unknown"

name := input.Target.Stage if input.Target.Stage in {"production", "staging", "development"}

# Whether to judge as in production. Only a stage that is known to be a lesser one is spared.
default strict := true

strict := false if lesser(name)

# For messages: `MFAMode is OFF in a production environment`.
described := describe(name)

# For rules over all documents of an app: the stage of each, in their order, whatever it is. Bind one to a variable
# before asking `not stage.lesser(name)`: OPA lets no negation hold of a reference that leads nowhere, so a
# document without a stage would go unjudged.
of_documents := [object.get(doc, ["Target", "Stage"], "unknown") | some doc in input.Documents]

# Whether a value is a stage that is known to be a lesser one than production.
lesser(value) if value in {"staging", "development"}

# The same of a value that may be a stage.
describe(value) := sprintf("a %s environment", [value]) if {
	value in {"production", "staging", "development"}
} else := "an environment of unknown stage (judged as production)"
