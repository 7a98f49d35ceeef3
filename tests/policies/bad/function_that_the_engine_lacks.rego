# 5: the engine of `audit` does not

package acme.lacking

deny contains "x" if crypto.sha256(input.Target.Id) == ""
