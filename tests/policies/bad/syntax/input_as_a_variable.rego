# 6: input

package acme.mfa

deny contains "MFA is off" if {
	input := {"mode": "OFF"}
	input.mode == "OFF"
}
