# 5: did you mean `UserPoolConfigs`?

package acme.mfa

deny contains "MFA is off" if object.get(input, ["ResourceConfig", "UserPoolConfig", "Mfa"], null) == null
