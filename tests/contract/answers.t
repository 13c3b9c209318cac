#!/bin/bash
# One answer of every operation, and the usual refusals, against openapi.yaml.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/../integration/lib.sh"
use_stack
here=$(dirname "$(realpath "$0")")

SHOP_EXCHANGES=$STORY_DIR/exchanges
mkdir "$SHOP_EXCHANGES"
{
	new_user alice
	new_user bob
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
	api DELETE "/item/$id" "$TOKEN_bob"
	api DELETE "/item/$id" "$TOKEN_alice"
	api DELETE "/item/$id" "$TOKEN_alice"

	api POST /auth/logout '' "{\"refresh_token\":\"$REFRESH_alice\"}"
	api POST /auth/logout "$TOKEN_bob" '{"all":true}'
	api POST /auth/logout '' '{}'
	api POST /auth/logout '' '{"all":true}'
	api GET "$AUTH_URL/auth/revoked"
	api GET "$AUTH_URL/auth/revoked" '' '' -H "If-None-Match: $(header ETag)"
	api GET "$AUTH_URL/auth/revoked?since=yesterday"
	for url in "$AUTH_URL" "$ITEMS_URL" "$NOTIFIER_URL"; do
		api GET "$url/healthz"
		api GET "$url/readyz"
		api GET "$url/metrics"
	done
}
"$here/python" "$here/check_answers.py" "$SHOP_EXCHANGES"
