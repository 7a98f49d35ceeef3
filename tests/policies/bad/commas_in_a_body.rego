# 5: this is a collection, so it is always true

package acme.commas

deny contains "x" if { input.Target.Stage == "production", input.Target.AppName == "shop" }
