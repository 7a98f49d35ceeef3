# 7: `input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode` is never `Off`
# 7: did you mean `OFF`?
# 9: `input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes[_]` is never `openid`

package acme.casing

deny contains "MFA is off" if input.ResourceConfig.UserPoolConfigs.Mfa.MFAMode == "Off"

deny contains "no OpenID" if not "openid" in input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes
