package audit.social.incomplete_provider

# METADATA
# scope: rule
# title: Social sign-in provider is set up in part
# description: >-
#   A provider of which some settings are there and others are not cannot work: users see its button and sign-in
#   fails. It is a leftover of a removed provider, whose client still exists, or a push that did not bring the
#   whole, and then what is in force is not what is seen here. A missing client secret or private key is no
#   finding, because the API may well hold it back; nor is a provider of which nothing is set.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateIdentityProvider.html
#     description: CreateIdentityProvider, with the details that each provider needs
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-social-idp.html
#     description: Social identity providers of a user pool
# custom:
#   severity: low
#   remediation: >-
#     Set what is missing with `amplify update auth` and push: the client id (Apple calls it services id) for
#     every provider, the team id and the key id for Apple too. Or remove the provider, from the pool and from
#     the app, and delete the client with the provider. Amplify keeps these settings apart for each environment:
#     look at the one that is named.
#   references:
#     - Amazon Cognito API CreateIdentityProvider ProviderDetails
#   tags: [social]
#   path: /ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings
deny contains finding if {
	some provider, members in _members
	_begun(members)
	some member in members.needed
	value := object.get(_values, member, null)
	not _filled(value)
	finding := {
		"msg": sprintf("%s is set up in part: its %s %s", [provider, split(member, "/")[1], _complaint(value)]),
		"path": sprintf("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/%s", [member]),
		"expected": null,
		"actual": value,
	}
}

# What each provider needs to work, and the secret, which shows that somebody began.
_members := {
	"Facebook": {"needed": ["Facebook/ClientId"], "secret": "Facebook/ClientSecret"},
	"Google": {"needed": ["Google/ClientId"], "secret": "Google/ClientSecret"},
	"LoginWithAmazon": {"needed": ["LoginWithAmazon/ClientId"], "secret": "LoginWithAmazon/ClientSecret"},
	"SignInWithApple": {
		"needed": ["SignInWithApple/ClientId", "SignInWithApple/KeyId", "SignInWithApple/TeamId"],
		"secret": "SignInWithApple/PrivateKey",
	},
}

# A member that is there and empty was put there by somebody. An empty secret shows nothing.
_begun(members) if {
	some member in members.needed
	object.get(_values, member, null) != null
}

_begun(members) if not object.get(_values, members.secret, null) in {null, ""}

_filled(value) if {
	is_string(value)
	trim_space(value) != ""
}

_complaint(value) := "is absent" if {
	value == null
} else := "is no text" if {
	not is_string(value)
} else := "is empty"

_values["Facebook/ClientId"] := input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.Facebook.ClientId

_values["Facebook/ClientSecret"] := input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.Facebook.ClientSecret

_values["Google/ClientId"] := input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.Google.ClientId

_values["Google/ClientSecret"] := input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.Google.ClientSecret

_values["LoginWithAmazon/ClientId"] := value if {
	value := input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.LoginWithAmazon.ClientId
}

_values["LoginWithAmazon/ClientSecret"] := value if {
	value := input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.LoginWithAmazon.ClientSecret
}

_values["SignInWithApple/ClientId"] := value if {
	value := input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.SignInWithApple.ClientId
}

_values["SignInWithApple/KeyId"] := input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.SignInWithApple.KeyId

_values["SignInWithApple/PrivateKey"] := value if {
	value := input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.SignInWithApple.PrivateKey
}

_values["SignInWithApple/TeamId"] := input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.SignInWithApple.TeamId
