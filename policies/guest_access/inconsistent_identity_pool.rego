package audit.guest_access.inconsistent_identity_pool

# METADATA
# scope: rule
# title: Settings disagree on whether there is an identity pool
# description: >-
#   AuthResources says that there is an identity pool and no settings of one are there, or it says that there is
#   none and settings of one are. Half of that is not true, and it is not known which: an identity pool that
#   nobody expects may hand out AWS credentials, and what is judged here of guest access may be about no pool in
#   force. An AuthResources that is absent or unknown contradicts nothing: document/missing_member and
#   document/unrecognised_value report it, and guest_access/enabled takes it for an identity pool.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools.html
#     description: Amazon Cognito identity pools
#   - ref: https://docs.aws.amazon.com/amplify-admin-ui/latest/APIReference/backend-appid-auth-backendenvironmentname-details.html
#     description: GetBackendAuth
# custom:
#   severity: medium
#   remediation: >-
#     Look at what there is: `aws cognito-identity list-identity-pools --max-results 60` in the region of the
#     backend, then `aws cognito-identity describe-identity-pool --identity-pool-id ID` for the pool of this
#     environment. Bring the Amplify project in line (`amplify pull`, `amplify update auth`) and push once more,
#     which writes the settings anew. Delete an identity pool only when no app asks it for credentials any more.
#   references:
#     - AmplifyBackend API GetBackendAuth AuthResources
#   tags: [guest-access, identity-pool]
#   path: /ResourceConfig/AuthResources
deny contains finding if {
	[actual, expected] := _disagreement
	finding := {
		"msg": sprintf("AuthResources is %s, but there are %s", [actual, _settings[actual]]),
		"path": "/ResourceConfig/AuthResources",
		"expected": expected,
		"actual": actual,
	}
}

# Undefined where the settings agree.
_disagreement := ["USER_POOL_ONLY", "IDENTITY_POOL_AND_USER_POOL"] if {
	input.ResourceConfig.AuthResources == "USER_POOL_ONLY"
	_configured
} else := ["IDENTITY_POOL_AND_USER_POOL", "USER_POOL_ONLY"] if {
	input.ResourceConfig.AuthResources == "IDENTITY_POOL_AND_USER_POOL"
	not _configured
	_login == null
}

_settings := {
	"USER_POOL_ONLY": "settings of an identity pool",
	"IDENTITY_POOL_AND_USER_POOL": "no settings of an identity pool",
}

_configured if not _name in {null, ""}

# That guests are denied is also true where there is no pool. Anything else speaks of a pool.
_configured if not _login in {null, false}

default _name := null

_name := input.ResourceConfig.IdentityPoolConfigs.IdentityPoolName

default _login := null

_login := input.ResourceConfig.IdentityPoolConfigs.UnauthenticatedLogin
