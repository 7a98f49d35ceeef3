package audit.mfa.off

import data.audit.lib.stage

# METADATA
# scope: rule
# title: Multi-factor authentication is off
# description: >-
#   Without a second factor a password is all that stands between an attacker and an account, and
#   passwords leak, are reused and are phished. One run of credential stuffing takes over every account whose
#   password is known from elsewhere. An absent or unknown mode is judged as off: nothing shows that a second
#   factor is asked for.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
#     description: Adding MFA to a user pool
#   - ref: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserPoolMfaConfig.html
#     description: SetUserPoolMfaConfig, which can turn MFA on for a pool that exists
#   - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/cognito-controls.html
#     description: Security Hub controls for Amazon Cognito
# custom:
#   severity: high
#   remediation: >-
#     Set MFAMode to ON with TOTP among the MFA types. A pool that already exists refuses the change to ON
#     in a stack update ("Cannot turn MFA functionality ON, once the user pool has been created"), so
#     `amplify push` alone may fail: turn it on in the live pool with `aws cognito-idp set-user-pool-mfa-config
#     --user-pool-id POOL --mfa-configuration ON --software-token-mfa-configuration Enabled=true` (name every
#     factor that is to stay) and bring the Amplify project in line, or the next push may undo it. OPTIONAL is
#     a step on the way, while users enrol and the app learns to lead them through it. Cognito asks federated
#     users for no factor: in a pool where nobody has a password, require MFA at the identity provider and waive this.
#   references:
#     - OWASP ASVS 5.0 6.3.3
#     - NIST SP 800-63B-4 §2.2.1
#     - AWS FSBP Cognito.5
#     - CWE-308
#   tags: [mfa]
#   path: /ResourceConfig/UserPoolConfigs/Mfa/MFAMode
deny contains finding if {
	not _mode in {"ON", "OPTIONAL"}
	finding := object.union(_severity, {
		"msg": _message,
		"path": "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode",
		"expected": "ON",
		"actual": _mode,
	})
}

default _mode := null

_mode := input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode

default _severity := {"severity": "medium"}

_severity := {} if stage.strict

# Ends in an `else` without a condition, here and in the other rules: a finding with no message would be none.
_message := sprintf("MFAMode is OFF in %s: a password is enough to sign in", [stage.described]) if {
	_mode == "OFF"
} else := sprintf("MFAMode is absent in %s, so nothing shows that a second factor is asked for", [stage.described]) if {
	_mode == null
} else := sprintf(
	"MFAMode is `%v` in %s, which is no documented mode, so nothing shows that a second factor is asked for",
	[_mode, stage.described],
)
