# What is tested in one environment shall hold in production.
package acme.parity

import data.audit.lib.names

# METADATA
# title: Environments of an app ask for different attributes
# description: A sign-up form that passes the tests of staging fails in production if that asks for more.
# custom:
#   scope: app
#   severity: low
#   remediation: Ask for the same attributes everywhere, in a new user pool where one exists already.
#   path: /ResourceConfig/UserPoolConfigs/RequiredSignUpAttributes
deny_sign_up contains finding if {
	some production in _at("production")
	asked := production.ResourceConfig.UserPoolConfigs.RequiredSignUpAttributes
	others := {doc.Target.Environment |
		some doc in _at("staging")
		doc.ResourceConfig.UserPoolConfigs.RequiredSignUpAttributes != asked
	}
	count(others) > 0
	finding := {
		"target": production.Target.Id,
		"msg": sprintf("production asks for other attributes than %s", [names.listed(others)]),
		"actual": asked,
	}
}

_at(stage) := [doc | some doc in input.Documents; doc.Target.Stage == stage]
