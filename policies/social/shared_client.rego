package audit.social.shared_client

import data.audit.lib.names
import data.audit.lib.stage

# METADATA
# scope: rule
# title: Production and another environment share a social client
# description: >-
#   A client at a social provider has one secret, one list of redirects and one consent of each user. If
#   production and a lesser environment use the same, its secret lies where developers can read it and is as
#   good as production's, the provider redirects to both, and a client that is blocked or rotated for a mistake
#   in a test takes production's sign-in with it.
# related_resources:
#   - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-social-idp.html
#     description: Social identity providers of a user pool
#   - ref: https://developers.google.com/identity/protocols/oauth2/production-readiness/policy-compliance
#     description: Google, separate projects for testing and production
# custom:
#   scope: app
#   severity: medium
#   remediation: >-
#     Register a client of its own at the provider for the lesser environment (for Google in a project of its
#     own, for Apple a Services ID of its own), with that environment's Cognito domain as its only redirect, and
#     set its id and secret there with `amplify update auth`, which keeps them for each environment. Remove the
#     lesser environment's redirect from production's client, and rotate production's secret, which the lesser
#     environment knew. Users of the lesser environment consent anew, and the provider may know them by another
#     id. If the environment is no production one, give it its stage under [stages] in audit.toml.
#   references:
#     - ISO/IEC 27001:2022 A.8.31
#     - PCI DSS 4.0.1 6.5.3
#   tags: [social, environments]
#   path: /ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings
deny contains finding if {
	some client in _clients

	# An unknown stage is judged as production: both it and production are compared with the rest.
	not stage.lesser(client.stage)
	users := _lesser[client.key]

	# Any other client will do, so nothing in particular is expected.
	finding := {
		"msg": sprintf("%s of %s signs in with the client `%v` of %s as well: %s", [
			client.provider,
			stage.describe(client.stage),
			client.id,
			_environments[count(users) == 1],
			names.listed(users),
		]),
		"target": client.target,
		"path": sprintf("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/%s/ClientId", [client.provider]),
		"expected": null,
		"actual": client.id,
	}
}

_environments := {true: "a lesser environment", false: "lesser environments"}

# The lesser environments that use a client of production, by client.
_lesser := {key: targets |
	some key in _strict_keys & {client.key | some client in _lesser_clients}
	targets := {client.target | some client in _lesser_clients; client.key == key}
}

_strict_keys := {client.key | some client in _clients; not stage.lesser(client.stage)}

_lesser_clients := {client | some client in _clients; stage.lesser(client.stage)}

_clients contains client if {
	some index, doc in input.Documents
	id := doc.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.Facebook.ClientId
	client := _client(doc.Target.Id, stage.of_documents[index], "Facebook", id)
}

_clients contains client if {
	some index, doc in input.Documents
	id := doc.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.Google.ClientId
	client := _client(doc.Target.Id, stage.of_documents[index], "Google", id)
}

_clients contains client if {
	some index, doc in input.Documents
	id := doc.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.LoginWithAmazon.ClientId
	client := _client(doc.Target.Id, stage.of_documents[index], "LoginWithAmazon", id)
}

_clients contains client if {
	some index, doc in input.Documents
	id := doc.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings.SignInWithApple.ClientId
	client := _client(doc.Target.Id, stage.of_documents[index], "SignInWithApple", id)
}

# Undefined where there is no client.
_client(target, name, provider, id) := {
	"target": target,
	"stage": name,
	"provider": provider,
	"id": id,
	"key": sprintf("%s %s", [provider, text]),
} if {
	id != null
	text := _text(id)
	text != ""
}

# What is compared: blanks around an id and its casing make no other client, nor does a number for its digits.
_text(id) := lower(trim_space(id)) if is_string(id)

_text(id) := json.marshal(id) if not is_string(id)
