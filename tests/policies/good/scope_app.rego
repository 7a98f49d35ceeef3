# All environments of an app.
package good.scope_app

import data.audit.lib.stage

# METADATA
# custom:
#   scope: app
deny contains {"msg": msg, "target": doc.Target.Id} if {
	some index, doc in input.Documents
	not stage.lesser(stage.of_documents[index])
	doc.ResourceConfig.UserPoolConfigs.Mfa.MFAMode != "ON"
	msg := sprintf("%s of %s", [doc.Target.Environment, input.App.AppId])
}
