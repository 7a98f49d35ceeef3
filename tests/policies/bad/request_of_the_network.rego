# 6: this engine has no function `http.send`

package acme.owner

deny contains "nobody owns this" if {
	http.send({"method": "get", "url": "https://owners.example.com"}).status_code == 404
}
