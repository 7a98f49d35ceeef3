# 13: the metadata of this rule has no `titel`, so this is never true
# 13: did you mean `title`?
# 18: the metadata of this rule has no `sev`
# 18: did you mean `severity`?
# 22: has no `annotation`, so this is never true
# 22: did you mean `annotations`?
# 24: say `title` in a METADATA block above the rule
package acme.mfa

# METADATA
# title: MFA is off
deny_a contains msg if {
	msg := rego.metadata.rule().titel
}

# METADATA
# custom: {severity: high}
deny_b contains {"msg": "MFA is off", "severity": rego.metadata.rule().custom.sev} if true

# METADATA
# title: MFA is off
deny_c contains rego.metadata.chain()[_].annotation.title if true

deny_d contains rego.metadata.rule().title if true
