# 6: an object pattern does not mean here what it does in OPA
# 10: an object pattern does not mean here

package acme.mfa

_mode({"MFAMode": mode}) := mode

deny contains "MFA is off" if _mode(input.ResourceConfig.UserPoolConfigs.Mfa) == "OFF"

deny contains "a client" if some _, {"ClientId": "1", "ClientSecret": secret} in input.ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings
