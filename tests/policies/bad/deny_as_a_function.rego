# 5: `deny` is no set

package acme.mfa

deny(mode) if mode == "OFF"
