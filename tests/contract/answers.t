#!/bin/bash
# One answer of every operation, and the usual refusals, against openapi.yaml.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/../integration/lib.sh"
use_stack
here=$(dirname "$(realpath "$0")")

# The token in the link of MAIL.
mailed_token() {
	mail_text | grep -oE 'token=[A-Za-z0-9._-]+' | head -n 1 | cut -d= -f2
}

SHOP_EXCHANGES=$STORY_DIR/exchanges
mkdir "$SHOP_EXCHANGES"
{
	new_user alice
	new_user bob
	new_user carol
	new_user boss
	"$SHOP_ROOT/dev/stack" admin "$EMAIL_boss" >/dev/null
	login boss
	api POST /auth/register '' "{\"email\":\"$EMAIL_alice\",\"password\":\"long enough\",\"name\":\"A\"}"
	api POST /auth/register '' '{"email":"nobody","password":"short","nmae":""}'
	api POST /auth/register '' '{'
	api POST /auth/login '' "{\"email\":\"$EMAIL_alice\",\"password\":\"wrong\"}"
	api POST /auth/login '' '{}' -H 'Content-Type: text/plain'
	api POST /auth/refresh '' "{\"refresh_token\":\"$REFRESH_bob\"}"
	api POST /auth/refresh '' '{"refresh_token":"unknown"}'
	api GET /auth/me "$TOKEN_alice"
	api GET /auth/me "$TOKEN_alice" '' -H "If-None-Match: $(header ETag)"
	api GET /auth/me
	api GET /auth/me bad
	api GET '/auth/me?x=1' "$TOKEN_alice"
	api GET /auth/validate "$TOKEN_alice"
	api GET /auth/validate bad
	api POST /auth/validate '' "{\"token\":\"$TOKEN_alice\"}"
	api POST /auth/validate '' '{"token":"bad"}'
	api GET /auth/.well-known/jwks.json

	api PATCH /auth/me "$TOKEN_alice" '{"name":"Alice","locale":"de"}'
	api PATCH /auth/me "$TOKEN_alice" '{"locale":null}' -H 'If-Match: "other"'
	api PATCH /auth/me "$TOKEN_alice" '{"name":null}'
	api GET /auth/session "$TOKEN_alice"
	session=$(json .data[0].id)
	api DELETE "/auth/session/$ID_alice" "$TOKEN_alice"
	api POST /auth/password/change "$TOKEN_carol" "{\"current_password\":\"$PASSWORD_carol\",\"new_password\":\"something $RUN_ID else\"}"
	PASSWORD_carol="something $RUN_ID else"
	api POST /auth/password/change "$TOKEN_carol" '{"current_password":"wrong","new_password":"password123"}'
	api POST /auth/password/change "$TOKEN_carol" "{\"current_password\":\"wrong\",\"new_password\":\"something $RUN_ID else\"}"
	api POST /auth/email/resend "$TOKEN_carol"
	eventually 30 mail_to "$EMAIL_carol" welcome
	api POST /auth/email/verify '' "{\"token\":\"$(mailed_token)\"}"
	api POST /auth/email/verify '' '{"token":"unknown"}'
	api POST /auth/password/forgot '' "{\"email\":\"$EMAIL_carol\"}"
	eventually 30 mail_to "$EMAIL_carol" password_reset
	api POST /auth/password/reset '' "{\"token\":\"$(mailed_token)\",\"new_password\":\"$PASSWORD_carol\"}"
	api POST /auth/password/reset '' "{\"token\":\"unknown\",\"new_password\":\"$PASSWORD_carol\"}"
	login carol
	api POST /auth/mfa/totp/confirm "$TOKEN_carol" '{"code":"000000"}'
	api POST /auth/mfa/totp "$TOKEN_carol"
	secret=$(json .secret)
	api POST /auth/mfa/totp/confirm "$TOKEN_carol" '{"code":"0"}'
	api POST /auth/mfa/totp/confirm "$TOKEN_carol" "{\"code\":\"$(totp "$secret")\"}"
	recovery=$(json '.recovery_codes[0]')
	api POST /auth/mfa/totp "$TOKEN_carol"
	api POST /auth/login '' "{\"email\":\"$EMAIL_carol\",\"password\":\"$PASSWORD_carol\"}"
	mfa_token=$(json .mfa_token)
	api POST /auth/mfa/login '' "{\"mfa_token\":\"$mfa_token\",\"code\":\"0\"}"
	api POST /auth/mfa/login '' "{\"mfa_token\":\"$mfa_token\",\"code\":\"$(totp "$secret" 1)\"}"
	TOKEN_carol=$(json .access_token)
	api DELETE /auth/mfa/totp "$TOKEN_carol" "{\"password\":\"wrong\",\"code\":\"$recovery\"}"
	api DELETE /auth/mfa/totp "$TOKEN_carol" "{\"password\":\"$PASSWORD_carol\",\"code\":\"$recovery\"}"
	api DELETE /auth/mfa/totp "$TOKEN_carol" "{\"password\":\"$PASSWORD_carol\",\"code\":\"0\"}"
	api GET "/auth/user?q=$EMAIL_carol" "$TOKEN_boss"
	api GET /auth/user "$TOKEN_alice"
	api GET "/auth/user/$ID_carol" "$TOKEN_boss"
	api GET "/auth/user/$ID_carol" "$TOKEN_boss" '' -H "If-None-Match: $(header ETag)"
	api GET /auth/user/none "$TOKEN_boss"
	api PATCH "/auth/user/$ID_carol" "$TOKEN_boss" '{"roles":["customer","admin"]}'
	api PATCH "/auth/user/$ID_carol" "$TOKEN_boss" '{"roles":["customer"]}' -H 'If-Match: "other"'
	api PATCH "/auth/user/$ID_boss" "$TOKEN_boss" '{"disabled":true}'
	api PATCH "/auth/user/$ID_carol" "$TOKEN_boss" '{"roles":[]}'
	api GET '/auth/audit?limit=5' "$TOKEN_carol"
	api GET /auth/audit "$TOKEN_alice"
	api DELETE /auth/me "$TOKEN_carol" '{"password":"wrong"}'
	api DELETE /auth/me "$TOKEN_carol" "{\"password\":\"$PASSWORD_carol\"}"

	item='{"name":"Brass lamp","description":"Two\nlines","price":{"amount":1999,"currency":"EUR"},"stock":3,"category":"lighting","tags":["brass"],"attributes":{"height":"24 cm"}}'
	api POST /item "$TOKEN_alice" "$item" -H "Idempotency-Key: $RUN_ID"
	id=$(json .id) tag=$(header ETag)
	api POST /item "$TOKEN_alice" "$item" -H "Idempotency-Key: $RUN_ID"
	api POST /item "$TOKEN_alice" '{"name":"Other"}' -H "Idempotency-Key: $RUN_ID"
	api POST /item "$TOKEN_alice" '{"name":"","price":{"amount":-1,"currency":"eur"},"$where":1}'
	api POST /item "$TOKEN_alice" '{"name":"Plain","price":{"amount":1,"currency":"JPY"},"stock":0}'
	api POST /item '' "$item"
	api GET /item
	api GET '/item?limit=1&sort=price'
	api GET '/item?limit=101&x=1&min_price=3'
	api GET "/item?q=brass&category=lighting&tag=brass&seller_id=$ID_alice&min_price=1&max_price=5000&currency=EUR&in_stock=true&sort=name"
	api GET "/item/$id"
	api GET "/item/$id" '' '' -H "If-None-Match: $tag"
	api GET /item/none
	api PUT "/item/$id" "$TOKEN_alice" '{"name":"Lamp","price":{"amount":2499,"currency":"EUR"}}'
	api PUT "/item/$id" "$TOKEN_alice" '{"name":"Lamp","price":{"amount":2499,"currency":"EUR"}}' -H "If-Match: $tag"
	api PUT "/item/$id" "$TOKEN_alice" '{"name":"Lamp","price":{"amount":2499,"currency":"EUR"},"stock":4}'
	api PUT "/item/$id" "$TOKEN_bob" '{"name":"Lamp","price":{"amount":1,"currency":"EUR"}}'

	api PATCH "/item/$id" "$TOKEN_alice" '{"description":null,"attributes":{"height":null,"width":"9 cm"}}' -H 'Content-Type: application/merge-patch+json'
	api PATCH "/item/$id" "$TOKEN_alice" '{"stock":4}'
	api PATCH "/item/$id" "$TOKEN_bob" '{"name":"Mine"}'
	api POST "/item/$id/stock" "$TOKEN_alice" '{"delta":2}'
	api POST "/item/$id/stock" "$TOKEN_alice" '{"delta":-1000}'
	picture=$STORY_DIR/picture
	base64 -d >"$picture" <<<"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
	api GET "/item/$id/image"
	api PUT "/item/$id/image" "$TOKEN_alice" "@$picture" -H 'Content-Type: image/png'
	api PUT "/item/$id/image" "$TOKEN_alice" "@$picture" -H 'Content-Type: image/webp'
	api PUT "/item/$id/image" "$TOKEN_bob" "@$picture" -H 'Content-Type: image/png'
	api GET "/item/$id/image"
	api GET "/item/$id/image" '' '' -H "If-None-Match: $(header ETag)"
	api GET "/item/$id/image" '' '' -H 'Range: bytes=1-3'
	api GET "/item/$id/image" '' '' -H 'Range: bytes=1000-'
	api GET "/item/$id"
	api GET /category

	api POST "/buy/$id" "$TOKEN_bob" '{"quantity":2,"expected_price":{"amount":2499,"currency":"EUR"}}' -H "Idempotency-Key: $RUN_ID"
	order=$(json .id)
	api POST "/buy/$id" "$TOKEN_bob" '{"quantity":1}' -H "Idempotency-Key: $RUN_ID"
	api POST "/buy/$id" "$TOKEN_bob"
	api POST "/buy/$id" "$TOKEN_bob"
	api POST "/buy/$id" "$TOKEN_bob" '{"quantity":0}'
	api POST "/buy/$id" "$TOKEN_bob" '{"expected_price":{"amount":1,"currency":"EUR"}}'
	api POST /buy/none "$TOKEN_bob"
	api POST "/buy/$id"
	api GET /order "$TOKEN_bob"
	api GET '/order?status=failed' "$TOKEN_bob"
	api GET '/order?status=lost' "$TOKEN_bob"
	api GET "/order/$order" "$TOKEN_bob"
	api GET "/order/$order" "$TOKEN_bob" '' -H "If-None-Match: $(header ETag)"
	api GET "/order/$order" "$TOKEN_alice"
	api GET /order/none "$TOKEN_bob"
	api GET "/order/$order"
	api POST /order "$TOKEN_bob" "{\"lines\":[{\"item_id\":\"$id\",\"quantity\":1}]}"
	api POST "/order/$(json .id)/cancel" "$TOKEN_bob"
	api POST /order "$TOKEN_bob" "{\"lines\":[{\"item_id\":\"$id\",\"quantity\":1000}]}"
	api POST /order "$TOKEN_bob" "{\"lines\":[{\"item_id\":\"$id\",\"quantity\":1},{\"item_id\":\"$id\",\"quantity\":1}]}"
	api POST "/order/$order/ship" "$TOKEN_bob"
	api POST "/order/$order/deliver" "$TOKEN_alice"
	api POST "/order/$order/ship" "$TOKEN_alice" '{"tracking":"1Z999AA10123456784"}'
	api POST "/order/$order/deliver" "$TOKEN_alice"
	api POST "/order/$order/cancel" "$TOKEN_bob"
	api POST "/order/$order/refund" "$TOKEN_alice" '{"restock":true}'
	api GET /sale "$TOKEN_alice"
	api GET '/sale?status=lost' "$TOKEN_alice"
	api GET '/stats/sales?interval=month' "$TOKEN_alice"
	api GET '/stats/sales?from=2025-02-01&to=2025-01-01' "$TOKEN_alice"
	api DELETE "/item/$id" "$TOKEN_bob"
	api DELETE "/item/$id" "$TOKEN_alice"
	api DELETE "/item/$id" "$TOKEN_alice"

	api GET /notification "$TOKEN_alice"
	hook='{"url":"https://hooks.example.org/shop","events":["order.created"]}'
	api POST /webhook "$TOKEN_alice" "$hook" -H "Idempotency-Key: $RUN_ID"
	id=$(json .id)
	api POST /webhook "$TOKEN_alice" "$hook" -H "Idempotency-Key: $RUN_ID"
	api POST /webhook "$TOKEN_alice" '{"url":"ftp://x","events":["user.registered"]}'
	api GET /webhook "$TOKEN_alice"
	api GET "/webhook/$id" "$TOKEN_alice"
	api GET "/webhook/$id" "$TOKEN_alice" '' -H "If-None-Match: $(header ETag)"
	api GET "/webhook/$id" "$TOKEN_bob"
	api POST "/webhook/$id/secret" "$TOKEN_alice"
	api POST "/webhook/$id/ping" "$TOKEN_alice"
	delivery=$(json .id)
	api POST "/webhook/$id/delivery/$delivery/redeliver" "$TOKEN_alice"
	api POST "/webhook/$id/delivery/none/redeliver" "$TOKEN_alice"
	api GET "/webhook/$id/delivery" "$TOKEN_alice"
	api PATCH "/webhook/$id" "$TOKEN_alice" '{"events":["order.created","item.low_stock"],"status":"disabled"}'
	api PATCH "/webhook/$id" "$TOKEN_alice" '{"events":[]}'
	api PATCH "/webhook/$id" "$TOKEN_alice" '{"status":"active"}' -H 'If-Match: "other"'
	api DELETE "/webhook/$id" "$TOKEN_alice" '' -H 'If-Match: "other"'
	api POST "/webhook/$id/ping" "$TOKEN_alice"
	api DELETE "/webhook/$id" "$TOKEN_alice"

	api DELETE "/auth/session/$session" "$TOKEN_alice"
	api POST /auth/logout '' "{\"refresh_token\":\"$REFRESH_alice\"}"
	api POST /auth/logout "$TOKEN_bob" '{"all":true}'
	api POST /auth/logout '' '{}'
	api POST /auth/logout '' '{"all":true}'
	api GET "$AUTH_URL/auth/revoked"
	api GET "$AUTH_URL/auth/revoked" '' '' -H "If-None-Match: $(header ETag)"
	api GET "$AUTH_URL/auth/revoked?since=yesterday"
	for url in "$AUTH_URL" "$ITEMS_URL" "$NOTIFICATIONS_URL" "$NOTIFIER_URL"; do
		api GET "$url/healthz"
		api GET "$url/readyz"
		api GET "$url/metrics"
	done
}
"$here/python" "$here/check_answers.py" "$SHOP_EXCHANGES"
