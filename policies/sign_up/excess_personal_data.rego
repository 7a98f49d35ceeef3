package audit.sign_up.excess_personal_data

# METADATA
# scope: rule
# title: Sign-up requires personal data that signing in does not need
# description: >-
#   Every user has to tell a postal address, a date of birth, a gender or a picture before there is an account.
#   What is not collected cannot leak, and data protection law allows no more than the purpose needs. Some of it
#   is copied into every id token that the app handles. Names, e-mail address and phone number are not judged
#   here. A list that is none, or an entry that is no text, cannot be judged and is a finding too.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
#     description: User pool attributes, of which the required ones cannot be changed later
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: General Data Protection Regulation
# custom:
#   severity: low
#   remediation: >-
#     Ask for the data later, where a feature needs it, as an attribute that users may leave out. The required
#     attributes of a pool cannot be changed once it exists: it takes a new pool and a migration of the users,
#     so it may be reason enough to waive this until there is a new pool for another reason, and to limit at
#     once which app clients may read the attributes. If the law asks for the data at sign-up, as for a minimum
#     age, waive this with that reason.
#   references:
#     - GDPR Article 5(1)(c)
#   tags: [sign-up, privacy]
#   path: /ResourceConfig/UserPoolConfigs/RequiredSignUpAttributes
deny contains finding if {
	offending := _offending(input.ResourceConfig.UserPoolConfigs.RequiredSignUpAttributes)
	offending != []

	# `expected` as `actual` speaks of the offending members alone: there should be none.
	finding := {
		"msg": sprintf("RequiredSignUpAttributes %s", [_complaint(offending)]),
		"path": "/ResourceConfig/UserPoolConfigs/RequiredSignUpAttributes",
		"expected": [],
		"actual": offending,
	}
}

# In lower case, as Cognito itself names them.
_excess := {"address", "birthdate", "gender", "picture"}

_offending(attributes) := sort([attribute | some attribute in attributes; _suspect(attribute)]) if is_array(attributes)

# What is neither a list nor absent cannot be judged.
_offending(attributes) := attributes if {
	not is_array(attributes)
	attributes != null
}

_suspect(attribute) if not is_string(attribute)

_suspect(attribute) if {
	is_string(attribute)
	lower(trim_space(attribute)) in _excess
}

_complaint(offending) := "is no list, so it cannot be judged" if {
	not is_array(offending)
} else := concat(" and ", array.concat(
	[sprintf("has %s, which nobody needs to sign in", [concat(", ", known)]) | known != []],
	[sprintf("has what is no attribute and cannot be judged: %s", [concat(", ", other)]) | other != []],
)) if {
	known := [sprintf("`%s`", [entry]) | some entry in offending; is_string(entry)]
	other := [sprintf("%v", [entry]) | some entry in offending; not is_string(entry)]
}
