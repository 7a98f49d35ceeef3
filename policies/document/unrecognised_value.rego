package audit.document.unrecognised_value

# METADATA
# scope: rule
# title: Value or member that is not documented
# description: >-
#   AWS does not document this member, or this value of it, so this tool does not know what it means and the
#   rules judge it as the worst that it may be, or not at all. It may be a new feature of AWS, another service's
#   spelling, or an answer that somebody changed. It stays in the document as it came (a secret does not), and
#   is named here so that nobody takes silence for a pass.
# related_resources:
#   - ref: https://docs.aws.amazon.com/amplify-admin-ui/latest/APIReference/backend-appid-auth-backendenvironmentname-details.html
#     description: GetBackendAuth
# custom:
#   severity: info
#   remediation: >-
#     Update this tool: a newer version may know it. If it does not, look the member up in the API reference,
#     decide whether it weakens the settings, and tell the makers of this tool. Waive this once it is
#     understood; do not waive it for whole documents, or the next unknown value goes unseen.
#   references:
#     - AmplifyBackend API GetBackendAuth
#   tags: [document]
#   path: /Unrecognised
deny contains finding if {
	is_array(_pointers)
	some pointer in _pointers
	is_string(pointer)

	# The value is at the path; to look it up here would read the whole document.
	finding := {
		"msg": sprintf("`%s` is not documented by AWS, so what it means is not known", [pointer]),
		"path": pointer,
	}
}

# What names no place must not be lost with it.
deny contains finding if {
	offending := _offending
	finding := {
		"msg": sprintf("Unrecognised %s, so what is not documented is not known", [_complaint]),
		"path": "/Unrecognised",
		"expected": [],
		"actual": offending,
	}
}

default _pointers := null

_pointers := input.Unrecognised

# Undefined where every entry is a pointer. Every document has the list: without it nothing shows that it would be empty.
_offending := _pointers if {
	not is_array(_pointers)
} else := other if {
	other := sort([pointer | some pointer in _pointers; not is_string(pointer)])
	other != []
}

_complaint := "has what is no pointer" if {
	is_array(_pointers)
} else := "is no list"
