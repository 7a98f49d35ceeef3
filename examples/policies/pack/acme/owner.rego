# Every app that serves customers belongs to somebody.
package acme.owner

import data.audit.lib.stage

# METADATA
# title: Nobody owns the app
# description: A finding that belongs to nobody is mended by nobody.
# custom:
#   severity: high
#   remediation: Give the target a label `team` in audit.toml, or add the app to owners.yaml.
#   references: [ACME-SEC 2.1]
#   path: /Target/Labels
deny_missing contains msg if {
	stage.strict
	not _owner
	msg := sprintf("nobody owns %s, %s", [input.Target.AppId, stage.described])
}

# What is not there is `null` in a document, so the default of `object.get` alone would not do.
_owner if object.get(input.Target.Labels, "team", "") != ""

_owner if object.get(data.acme.owners, input.Target.AppId, "") != ""
