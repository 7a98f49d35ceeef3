package audit.document.missing_member

# METADATA
# scope: rule
# title: Required member is absent
# description: >-
#   AWS documents that this member is always there, and the answer left it out. Nothing is invented in its
#   place: the document holds null, or an empty list, and the rules that need the member say so. The answer is
#   incomplete, as it is of imported or half-deleted backends. Here it is only said what was left out.
# related_resources:
#   - ref: https://docs.aws.amazon.com/amplify-admin-ui/latest/APIReference/backend-appid-auth-backendenvironmentname-details.html
#     description: GetBackendAuth
# custom:
#   severity: info
#   remediation: >-
#     See whether the backend is whole: `aws amplifybackend get-backend-auth --app-id APP
#     --backend-environment-name ENVIRONMENT --resource-name RESOURCE` shows the answer, `aws amplifybackend
#     get-backend --app-id APP --backend-environment-name ENVIRONMENT` whether its auth resource is there. Push
#     the environment once more, which writes the settings anew. An imported pool has fewer settings here: judge
#     the live pool (`aws cognito-idp describe-user-pool`) and waive this with that reason.
#   references:
#     - AmplifyBackend API GetBackendAuth
#   tags: [document]
#   path: /Missing
deny contains finding if {
	is_array(_pointers)
	some pointer in _pointers
	is_string(pointer)

	# What is there instead is null, or an empty list or object; what should be is for the other rules.
	finding := {
		"msg": sprintf("`%s` is absent, though AWS documents that it is always there", [pointer]),
		"path": pointer,
	}
}

# What names no place must not be lost with it.
deny contains finding if {
	offending := _offending
	finding := {
		"msg": sprintf("Missing %s, so what is absent is not known", [_complaint]),
		"path": "/Missing",
		"expected": [],
		"actual": offending,
	}
}

default _pointers := null

_pointers := input.Missing

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
