package audit.mfa.optional

# METADATA
# scope: rule
# title: Multi-factor authentication is optional
# description: >-
#   Where every user may choose, few enrol, and an attacker picks the accounts of those who did not.
#   With OPTIONAL the sign-in pages do not even lead users to enrolment by themselves.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
#     description: Adding MFA to a user pool
#   - ref: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserPoolMfaConfig.html
#     description: SetUserPoolMfaConfig, which can turn MFA on for a pool that exists
#   - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/cognito-controls.html
#     description: Security Hub controls for Amazon Cognito
# custom:
#   severity: medium
#   remediation: >-
#     Set MFAMode to ON once the app leads users without a factor through enrolment (the MFA_SETUP challenge),
#     because from then on they cannot sign in otherwise. A pool that already exists may refuse the change
#     in a stack update: use `aws cognito-idp set-user-pool-mfa-config` with `--mfa-configuration ON` and every
#     factor that is to stay, and bring the Amplify project in line. Where threat protection decides when to
#     ask for a factor (adaptive authentication), AWS recommends OPTIONAL: waive this with that reason.
#   references:
#     - OWASP ASVS 5.0 6.3.3
#     - NIST SP 800-63B-4 §2.2.1
#     - AWS FSBP Cognito.5
#     - CWE-308
#   tags: [mfa]
#   path: /ResourceConfig/UserPoolConfigs/Mfa/MFAMode
deny contains finding if {
	# Every other mode but ON, an absent one included, is a matter of mfa/off.
	input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "OPTIONAL"
	finding := {
		"msg": "MFAMode is OPTIONAL: a user who enrols no second factor signs in with a password alone",
		"path": "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode",
		"expected": "ON",
		"actual": "OPTIONAL",
	}
}
