# shellcheck shell=bash
# What a release leaves and the next one must find: accounts, orders, items, tokens that are still
# valid, and the Secrets that all of it hangs on.  To be read after lib.sh.

# What is secret in them: an upgrade may say anew where a store stands.
secrets() {
	kc get secrets -l app.kubernetes.io/part-of=shop -o json |
		jq -S '[.items[] | {name: .metadata.name, data: .data | map_values(@base64d | sub("@[^/]*/"; "@/"))}]'
}

leave_something() {
	new_user keeper
	new_user guest
	new_item keeper '{"stock":7}'
	KEPT_ITEM=$ITEM
	api POST "/buy/$ITEM" "$TOKEN_guest" '{"quantity":2}'
	is_status 201 "an order is made"
	KEPT_ORDER=$(json .id)
	api GET /auth/.well-known/jwks.json
	KEPT_KEYS=$(json '[.keys[].kid] | sort')
	KEPT_SECRETS=$(secrets)
	ok "its receipt comes" eventually 60 mail_to "$EMAIL_guest" receipt
}

finds_it_again() {
	local kept=$TOKEN_keeper
	story "What was there is there again"
	is "$(secrets)" "$KEPT_SECRETS" "the Secrets are the same"
	api GET /auth/.well-known/jwks.json
	is "$(json '[.keys[].kid] | sort')" "$KEPT_KEYS" "so are the keys that sign"
	api GET /auth/me "$kept"
	is_status 200 "a token from before is valid"
	api GET "/item/$KEPT_ITEM"
	json_is .stock 5 "an item and its stock"
	api GET "/order/$KEPT_ORDER" "$TOKEN_guest"
	json_is '"\(.status) \(.lines[0].quantity)"' 'confirmed 2' "an order"
	login keeper
	pass "an account and its password"
	api POST "/order/$KEPT_ORDER/ship" "$TOKEN_keeper" '{}'
	is_status 200 "the order goes on"
	ok "and its buyer is told" eventually 60 mail_to "$EMAIL_guest" shipped
	ok "by one receipt in all" mail_to "$EMAIL_guest" receipt
}
