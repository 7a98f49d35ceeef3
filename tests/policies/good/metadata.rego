# METADATA
# title: What a package says of its rules
# authors:
#   - Acme Security <security@example.com>
# organizations: [Acme]
# custom:
#   severity: low
#   team: identity
package good.metadata

# METADATA
# scope: document
# title: MFA is off
# description: |
#   Two definitions, which are one rule.
# related_resources:
#   - https://example.com/mfa
#   - ref: https://example.com/more
#     description: More
# custom:
#   remediation: "Turn it on: `amplify update auth`"
#   references: [ACME 1.2]
#   tags: [mfa]
deny contains msg if {
	input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OFF"
	msg := rego.metadata.chain()[0].annotations.title
}

deny contains "MFA is absent" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == null

# METADATA
# entrypoint: true
# schemas:
#   - input: schema.document
warn_short contains "passwords may be short" if input.ResourceConfig.UserPoolConfigs.PasswordPolicy.MinimumLength < 8

# Metadata
#
# What follows is prose: it says metadata, and severity: high because MFA is off.
# custom: rules of ours
# METADATA
# title: Metadata of one's own
# description: |
#   metadata
#   title: this is a text
# custom:
#   severity: low
#   team: auth
deny_own contains {"msg": msg, "severity": severity} if {
	input.Target.Id == "nobody's"
	msg := rego.metadata.rule().title
	rego.metadata.rule().custom.team == "auth"
	rego.metadata.chain()[0].annotations.custom.team == "auth"
	some link in rego.metadata.chain()
	severity := link.annotations.custom.severity
}
