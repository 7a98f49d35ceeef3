# 6: `input.Origin` is never `local`
# 6: it is one of `deployed`

package acme.origin

deny contains "not from AWS" if input.Origin == "local"
