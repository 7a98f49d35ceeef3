package audit.password.imposed_composition

# METADATA
# scope: rule
# title: Passwords must mix kinds of characters
# description: >-
#   Rules of composition make passwords predictable (a capital in front, a digit and an exclamation mark behind)
#   and hard to remember, so people reuse them. They keep out long passphrases too, which are stronger. NIST and
#   OWASP therefore forbid them and rely on length and on lists of leaked passwords. Only the profile nist
#   judges this; those that require classes are a matter of password/missing_character_class.
# related_resources:
#   - ref: https://pages.nist.gov/800-63-4/sp800-63b.html
#     description: NIST SP 800-63B-4, Authentication and Authenticator Management
#   - ref: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
#     description: PasswordPolicyType, with the classes that Cognito can require
# custom:
#   severity: low
#   remediation: >-
#     Take every entry out of AdditionalConstraints (`amplify update auth`, password policy, then `amplify
#     push`) and see that MinimumLength is long enough first (password/too_short). Security Hub's Cognito.3 and
#     PCI DSS require classes: if you are bound to one of them, use the profile aws-fsbp or pci instead of nist.
#   references:
#     - NIST SP 800-63B-4 §3.1.1.2
#     - OWASP ASVS 5.0 6.2.5
#   tags: [password]
#   path: /ResourceConfig/UserPoolConfigs/PasswordPolicy/AdditionalConstraints
deny contains finding if {
	# Every other composition, one that is no known one included, is a matter of password/missing_character_class.
	data.audit.params.password.composition == "forbidden"
	constraints := input.ResourceConfig.UserPoolConfigs.PasswordPolicy.AdditionalConstraints

	# An absent list imposes nothing. One that we do not understand imposes something.
	not constraints in {[], null}
	finding := {
		"msg": _message(constraints),
		"path": "/ResourceConfig/UserPoolConfigs/PasswordPolicy/AdditionalConstraints",
		"expected": [],
		"actual": constraints,
	}
}

_message(constraints) := sprintf("AdditionalConstraints imposes %s, which the profile forbids", [imposed]) if {
	is_array(constraints)
	imposed := concat(", ", sort([sprintf("`%v`", [constraint]) | some constraint in constraints]))
} else := "AdditionalConstraints is no list, so rules of composition cannot be ruled out"
