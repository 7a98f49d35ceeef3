package audit.password.missing_character_class

# METADATA
# scope: rule
# title: Required character class is not asked for
# description: >-
#   Some standards require that a password mixes kinds of characters: AWS Foundational Security Best Practices
#   all four, PCI DSS digits and letters. The profile in force follows one of them, and the pool does not ask
#   for that. An absent list asks for nothing. Profiles that do not judge composition are never reported here,
#   and those that forbid it are a matter of password/imposed_composition. A parameter that names no known way
#   to judge is reported here, whatever the list holds.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
#     description: PasswordPolicyType, with the classes that Cognito can require
#   - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/cognito-controls.html
#     description: Security Hub controls for Amazon Cognito
# custom:
#   severity: low
#   remediation: >-
#     Add the missing classes to AdditionalConstraints (`amplify update auth`, password policy, then `amplify
#     push`). Cognito checks new passwords only: who has one without them keeps it until the next change. If you
#     are not bound to a standard that requires classes, use the profile `recommended` or `nist`, which trust in
#     length instead. If the parameter password.composition is at fault, set it to any, forbidden, all_classes
#     or digit_and_letter.
#   references:
#     - AWS FSBP Cognito.3
#     - PCI DSS 4.0.1 8.3.6
#     - CWE-521
#   tags: [password]
#   path: /ResourceConfig/UserPoolConfigs/PasswordPolicy/AdditionalConstraints
deny contains finding if {
	# What `any` and `forbidden` say of a missing class is nothing.
	not _composition in {"any", "forbidden"}
	problem := _problem
	finding := {
		"msg": problem.msg,
		"path": "/ResourceConfig/UserPoolConfigs/PasswordPolicy/AdditionalConstraints",
		"expected": problem.expected,
		"actual": _constraints,
	}
}

default _composition := null

_composition := data.audit.params.password.composition

default _constraints := null

_constraints := input.ResourceConfig.UserPoolConfigs.PasswordPolicy.AdditionalConstraints

# The names of the classes in force. What is no list asks for nothing that we can see, nor does a name in other casing.
default _asked := set()

_asked := {constraint | some constraint in _constraints; is_string(constraint)} if is_array(_constraints)

_classes := {
	"REQUIRE_DIGIT": "a digit",
	"REQUIRE_LOWERCASE": "a lower-case letter",
	"REQUIRE_SYMBOL": "a symbol",
	"REQUIRE_UPPERCASE": "an upper-case letter",
}

# Undefined where nothing is missing.
_problem := {"msg": _message(lacking), "expected": sort([name | some name, _ in _classes])} if {
	_composition == "all_classes"
	lacking := [class | some name, class in _classes; not name in _asked]
	count(lacking) > 0
} else := {"msg": _message(lacking), "expected": sort({"REQUIRE_DIGIT"} | _letters)} if {
	_composition == "digit_and_letter"
	lacking := array.concat(
		["a digit" | not "REQUIRE_DIGIT" in _asked],
		["a letter" | count(_asked & {"REQUIRE_LOWERCASE", "REQUIRE_UPPERCASE"}) == 0],
	)
	count(lacking) > 0
} else := {"msg": message, "expected": null} if {
	not _composition in {"all_classes", "digit_and_letter"}
	message := concat("", [
		"AdditionalConstraints cannot be judged: the parameter password.composition is ",
		"none of any, forbidden, all_classes and digit_and_letter",
	])
}

# Either letter class will do; lower case where there is none yet.
default _letters := {"REQUIRE_LOWERCASE"}

_letters := _asked & {"REQUIRE_LOWERCASE", "REQUIRE_UPPERCASE"} if {
	count(_asked & {"REQUIRE_LOWERCASE", "REQUIRE_UPPERCASE"}) > 0
}

_message(lacking) := sprintf("AdditionalConstraints is no list, so it does not ask for %s", [_listed(lacking)]) if {
	not is_array(_constraints)
	_constraints != null
} else := sprintf("AdditionalConstraints does not ask for %s, which the profile requires", [_listed(lacking)])

# `a digit`, `a digit and a letter`, `a digit, a letter and a symbol`.
_listed(names) := names[0] if {
	count(names) == 1
} else := concat(" and ", [concat(", ", array.slice(names, 0, count(names) - 1)), names[count(names) - 1]])
