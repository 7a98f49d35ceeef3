# 5: this engine has no function `time.now_ns`

package acme.freeze

deny contains "it is frozen" if time.now_ns() > 1900000000000000000
