# Ways to go through a collection, from OPA's documentation.
package good.iteration

import rego.v1

_oauth := input.ResourceConfig.UserPoolConfigs.OAuth

deny_some_in contains uri if {
	some uri in _oauth.RedirectSignInURIs
	not startswith(uri, "https:")
}

deny_some_key contains msg if {
	some i, uri in _oauth.RedirectSignInURIs
	not startswith(uri, "https:")
	msg := sprintf("%d: %s", [i, uri])
}

deny_underscore contains msg if {
	_oauth.OAuthScopes[_] == "AWS_COGNITO_SIGNIN_USER_ADMIN"
	msg := "admin"
}

deny_variable contains msg if {
	_oauth.RedirectSignInURIs[i] == _oauth.RedirectSignOutURIs[i]
	msg := sprintf("number %d is both", [i])
}

deny_declared contains msg if {
	some i
	_oauth.OAuthScopes[i] == "PHONE"
	msg := sprintf("number %d", [i])
}

deny_every contains "no URI is encrypted" if {
	every uri in _oauth.RedirectSignInURIs {
		not startswith(uri, "https:")
	}
}

deny_every_key contains "all providers are off" if {
	every name, provider in _oauth.SocialProviderSettings {
		is_string(name)
		is_null(provider.ClientId)
	}
}

deny_walk contains path if {
	some path, value
	walk(input, [path, value])
	value == "http://localhost/"
}
