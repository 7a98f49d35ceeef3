package audit.guest_access.enabled

import data.audit.lib.stage

# METADATA
# scope: rule
# title: Guests get AWS credentials
# description: >-
#   With unauthenticated login the identity pool hands AWS credentials to anybody who knows its id, and the id is
#   in every copy of the app. Whatever the guest role may do, the whole internet may do: read, write, and run
#   up costs. Whether guests are let in must be stated, so an absent or unknown value is a finding too
#   wherever there is an identity pool.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools.html
#     description: Amazon Cognito identity pools
#   - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/cognito-controls.html
#     description: Security Hub controls for Amazon Cognito
# custom:
#   severity: high
#   remediation: >-
#     Set UnauthenticatedLogin to false (`amplify update auth`, "Allow unauthenticated logins?" No, then
#     `amplify push`) after checking that nothing in the app relies on it: public pages that read data, GraphQL
#     or storage rules for guests, and analytics use the guest role. Where it has to stay, look at what the
#     identity pool's unauthenticated role may do, cut it to that, and waive this with that reason.
#   references:
#     - AWS FSBP Cognito.2
#     - Checkov CKV_AWS_366
#   tags: [guest-access, identity-pool]
#   path: /ResourceConfig/IdentityPoolConfigs/UnauthenticatedLogin
deny contains finding if {
	_login != false
	_applies
	finding := object.union(_severity, {
		"msg": _message,
		"path": "/ResourceConfig/IdentityPoolConfigs/UnauthenticatedLogin",
		"expected": false,
		"actual": _login,
	})
}

default _login := null

_login := input.ResourceConfig.IdentityPoolConfigs.UnauthenticatedLogin

default _resources := null

_resources := input.ResourceConfig.AuthResources

# A value is there, be it true or not understood: it is about a pool, whatever AuthResources says.
_applies if _login != null

# None is there, and there is, or may be, an identity pool.
_applies if _resources != "USER_POOL_ONLY"

_applies if input.ResourceConfig.IdentityPoolConfigs.IdentityPoolName != null

default _severity := {"severity": "medium"}

_severity := {} if stage.strict

_message := sprintf(
	"UnauthenticatedLogin is true in %s: anybody gets credentials of the guest role",
	[stage.described],
) if {
	_login == true
} else := sprintf(
	"UnauthenticatedLogin is absent in %s that may have an identity pool, so guest access cannot be ruled out",
	[stage.described],
) if {
	_login == null
} else := sprintf(
	"UnauthenticatedLogin is `%v` in %s, neither true nor false, so guest access cannot be ruled out",
	[_login, stage.described],
)
