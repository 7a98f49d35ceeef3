# 5: the function `data.acme.mfa._is_weak` is not called

package acme.mfa

deny contains "MFA is weak" if _is_weak

_is_weak(mode) if mode == "OFF"
