package audit.lifecycle.gen1_end_of_life

import data.audit.lib.stage

# METADATA
# scope: rule
# title: The backend is Amplify Gen 1, which ends on 2027-05-01
# description: >-
#   AWS keeps Amplify Gen 1 in maintenance since May 2026: it gets critical bug fixes and security patches only,
#   and reaches its end of life on 2027-05-01. Deployed resources run on, but from then on nothing promises that
#   a hole in the tooling is mended or that the settings of authentication can still be changed through it.
#   GetBackendAuth, which this audit reads, speaks of Gen 1 backends alone, so every app that it answers for is
#   concerned.
# related_resources:
#   - ref: https://github.com/aws-amplify/amplify-cli/issues/14881
#     description: The announcement of maintenance and end of life
#   - ref: https://docs.amplify.aws/react/start/migrate-to-gen2/
#     description: Migrating from Gen 1 to Gen 2
# custom:
#   scope: app
#   severity: medium
#   remediation: >-
#     Plan the migration to Amplify Gen 2 before 2027-05-01 with the guide and the tooling of AWS, an
#     environment without customers first. Compare the feature matrix beforehand, keep the user pool, because
#     passwords cannot be taken to another one, and compare its settings before and after: Gen 2's defaults are
#     others. This audit does not see a backend once it is Gen 2. Until then disable this rule, or waive it
#     until a date, if the plan is made.
#   references:
#     - aws-amplify/amplify-cli issue 14881
#     - CWE-1104
#   tags: [lifecycle]
#   path: ""
deny contains finding if {
	# Nothing in a document can be put right, so nothing in particular is expected or found.
	finding := {
		"msg": "the backend is Amplify Gen 1, which gets critical fixes alone and reaches its end of life on 2027-05-01",
		"target": _target,
		"path": "",
		"expected": null,
		"actual": null,
	}
}

# One of the app's documents stands for all: the first that is judged as production, else the first.
_target := _strict[0] if {
	count(_strict) > 0
} else := input.Documents[0].Target.Id

_strict := [target |
	some index, doc in input.Documents
	target := doc.Target.Id
	name := stage.of_documents[index]
	not stage.lesser(name)
]
