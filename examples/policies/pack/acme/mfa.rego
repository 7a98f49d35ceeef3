# Which second factors production may offer.
package acme.mfa

import data.audit.lib.names
import data.audit.lib.stage
import data.audit.params

# METADATA
# title: Production offers a forbidden second factor
# description: A code in a text message is phished as easily as a password, and numbers are taken over.
# custom:
#   severity: medium
#   remediation: Take the factor away with `amplify update auth`, once its users have enrolled in another.
#   references: [ACME-SEC 3.4]
#   path: /ResourceConfig/UserPoolConfigs/Mfa/Settings/MfaTypes
deny_forbidden_factor contains finding if {
	stage.strict
	forbidden := [type |
		some type in input.ResourceConfig.UserPoolConfigs.Mfa.Settings.MfaTypes
		not type in params.acme.mfa_types
	]
	count(forbidden) > 0
	finding := {
		# What METADATA says need not be said twice.
		"msg": sprintf("%s: %s", [rego.metadata.rule().title, names.listed(forbidden)]),
		"expected": params.acme.mfa_types,
		"actual": forbidden,
	}
}
