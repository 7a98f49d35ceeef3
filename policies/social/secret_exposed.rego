package audit.social.secret_exposed

# METADATA
# scope: rule
# title: Secret of a social provider is readable
# description: >-
#   The settings hold the client secret or private key of a social sign-in provider, so whoever may call
#   GetBackendAuth, or read the deployment bucket that Amplify keeps its settings in, has it. With it one can
#   pose as the app to the provider: redeem authorization codes, or mint client secrets with Apple's key. What
#   this tool sees is only that the member is not empty, never the value: it may be a mask, or a placeholder.
#   Look once with your own eyes before you rotate.
# related_resources:
#   - ref: https://docs.aws.amazon.com/amplify-admin-ui/latest/APIReference/backend-appid-auth-backendenvironmentname-details.html
#     description: GetBackendAuth
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-social-idp.html
#     description: Social identity providers of a user pool
# custom:
#   severity: high
#   remediation: >-
#     If the value is the real one, make a new secret (or key) with the provider, set it for the pool with
#     `amplify update auth` and `amplify push`, see that sign-in works, and revoke the old one. The API may well
#     show the new one again: limit amplifybackend:GetBackendAuth and the deployment bucket to who needs them,
#     keep recordings of the answers out of repositories and logs, and waive this with that reason. If the value
#     is a mask, waive it so.
#   references:
#     - CWE-522
#     - OWASP ASVS 5.0 13.3.1
#   tags: [social, secret]
#   path: /ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings
deny contains finding if {
	some member, secret in _secrets

	# An empty text, list or object holds no secret. Whatever else is there may be one, of any type.
	not secret in {null, "", [], {}}
	finding := {
		"msg": sprintf("%s is not empty: whoever may read these settings may have the secret", [
			replace(member, "/", "."),
		]),
		"path": sprintf("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/%s", [member]),
		"expected": null,
		# Never the value: a document of other makers may hold it.
		"actual": "REDACTED",
	}
}

_secrets["Facebook/ClientSecret"] := input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.Facebook.ClientSecret

_secrets["Google/ClientSecret"] := input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.Google.ClientSecret

_secrets["LoginWithAmazon/ClientSecret"] := secret if {
	secret := input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.LoginWithAmazon.ClientSecret
}

_secrets["SignInWithApple/PrivateKey"] := secret if {
	secret := input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.SignInWithApple.PrivateKey
}
