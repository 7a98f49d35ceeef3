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

strict := false if name in {"staging", "development"}

# For messages: `MFAMode is OFF in a production environment`.
described := "an environment of unknown stage (judged as production)" if {
	name == "unknown"
} else := sprintf("a %s environment", [name])
