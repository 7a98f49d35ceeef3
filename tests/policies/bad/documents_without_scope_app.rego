# 9: `input.Documents` is in no document
# 9: scope: app

package acme.parity

# METADATA
# title: Environments differ
deny contains "environments differ" if {
	modes := {doc.ResourceConfig.UserPoolConfigs.Mfa.MFAMode | some doc in input.Documents}
	count(modes) > 1
}
