# Objects made of rules, and keys that are known only when it runs.
package good.objects

limits.production := 14

limits.staging := 10

severities[stage] := severity if {
	some stage, severity in {"production": "high", "staging": "low"}
}

sections contains name if {
	some name in ["Mfa", "SignInMethod"]
	input.ResourceConfig.UserPoolConfigs[name] == null
}

deny contains finding if {
	length := input.ResourceConfig.UserPoolConfigs.PasswordPolicy.MinimumLength
	limit := limits[input.Target.Stage]
	length < limit
	finding := {
		"msg": sprintf("%v is less than %v", [length, limit]),
		"path": "/ResourceConfig/UserPoolConfigs/PasswordPolicy/MinimumLength",
		"severity": severities[input.Target.Stage],
		"expected": limit,
		"actual": length,
	}
}

deny_sections contains msg if {
	some name in sections
	msg := sprintf("%s is absent", [name])
}

deny_union contains object.union({"msg": "e-mail is no user name"}, place) if {
	input.ResourceConfig.UserPoolConfigs.SignInMethod != "EMAIL"
	place := {"path": "/ResourceConfig/UserPoolConfigs/SignInMethod"}
}

deny_provider contains {"msg": msg, "path": path} if {
	some name, provider in input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings
	provider.ClientId != null
	msg := sprintf("users sign in with %s", [name])
	path := sprintf("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/%s/ClientId", [name])
}
