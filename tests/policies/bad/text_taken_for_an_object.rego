# 5: has no members

package acme.sign_in

deny contains "users sign in by phone" if input.ResourceConfig.UserPoolConfigs.SignInMethod.Name == "PHONE_NUMBER"
