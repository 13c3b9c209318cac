#!/bin/bash
# Limits: by address, by account, for registering and for signing in.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/settings.sh
. "$SHOP_ROOT/tests/integration/settings.sh"
use_stack

finish() {
	usual_settings
	"$SHOP_ROOT/dev/stack" start items
	rm -rf "$STORY_DIR"
}
trap finish EXIT

is_limited() {
	is_problem 429 rate_limited "$1"
	header_like Retry-After '^[1-9][0-9]*$' "$1: Retry-After"
	header_like RateLimit-Policy ';q=[0-9]+;w=[0-9]+' "$1: RateLimit-Policy"
	header_like RateLimit ';r=0;t=[0-9]+' "$1: RateLimit"
}

new_user alice
new_user bob
keys=/auth/.well-known/jwks.json

story "A limit by address"
# items asks auth for ended sessions, from this address too: these are not to be counted here.
"$SHOP_ROOT/dev/stack" stop items || bail "items does not stop"
with auth RATE_LIMIT_EXEMPT=192.0.2.0/24 RATE_LIMIT_ADDRESS=5
api GET $keys
is_status 200
header_like RateLimit '"address";r=4' "RateLimit counts down"
header_like RateLimit-Policy '"address";q=5;w=60' "RateLimit-Policy says what from"
for _ in 1 2 3 4; do
	api GET $keys
done
is_status 200 "the fifth request"
api GET $keys
is_limited "the sixth"
api GET /auth/nope
is_problem 429 rate_limited "an unknown path counts too"
api GET $keys '' '' -H 'X-Forwarded-For: 192.0.2.7' -H 'Forwarded: for=192.0.2.7'
is_problem 429 rate_limited "what a client says of its address is not believed"
api GET "$AUTH_URL/healthz"
is_status 200 "health has no limit"

story "A trusted proxy is believed"
with auth TRUSTED_PROXIES=127.0.0.0/8
for _ in 1 2 3 4 5; do
	api GET $keys '' '' -H 'X-Forwarded-For: 198.51.100.1'
done
is_status 200 "the fifth request of one client"
api GET $keys '' '' -H 'X-Forwarded-For: 198.51.100.1'
is_limited "its sixth"
api GET $keys '' '' -H 'X-Forwarded-For: 203.0.113.9, 198.51.100.1'
is_problem 429 rate_limited "what that client says of others is not believed"
api GET $keys '' '' -H 'X-Forwarded-For: 198.51.100.2'
is_status 200 "another client"
for _ in 1 2 3 4 5 6; do
	api GET $keys '' '' -H 'Forwarded: for=192.0.2.7'
done
is_status 200 "an exempt one has no limit"
"$SHOP_ROOT/dev/stack" start items || bail "items does not start"

story "Registering, signing in, and forgetting a password"
without auth
with auth RATE_LIMIT_EXEMPT=192.0.2.0/24 RATE_LIMIT_REGISTER=2 RATE_LIMIT_LOGIN=3 RATE_LIMIT_FORGOT=2
for n in 1 2; do
	api POST /auth/register '' '{}'
	is_status 422 "attempt $n to register"
done
api POST /auth/register '' '{}'
is_limited "the third"
"$SHOP_ROOT/dev/stack" restart auth || bail "auth does not start again"
api POST /auth/register '' '{}'
is_limited "another process of auth, which shares the count"
for n in 1 2 3; do
	api POST /auth/login '' "{\"email\":\"$EMAIL_alice\",\"password\":\"$PASSWORD_alice\"}"
	is_status 200 "sign-in $n"
done
api POST /auth/login '' "{\"email\":\"$EMAIL_alice\",\"password\":\"$PASSWORD_alice\"}"
is_limited "the fourth"
for email in "$EMAIL_alice" "nobody-$RUN_ID@example.org"; do
	api POST /auth/password/forgot '' "{\"email\":\"$email\"}"
	is_status 202 "a link for $email"
done
api POST /auth/password/forgot '' "{\"email\":\"$EMAIL_bob\"}"
is_limited "one more, for whomever"
api GET /auth/me "$TOKEN_alice"
is_status 200 "other operations go on"
without auth

story "A limit by account"
with items RATE_LIMIT_ACCOUNT=3
ok "items has auth's keys" eventually 30 is_ready "$ITEMS_URL"
for n in 1 2 3; do
	api GET /order "$TOKEN_alice"
	is_status 200 "request $n"
done
api GET /order "$TOKEN_alice"
is_limited "the fourth"
api GET /order "$TOKEN_bob"
is_status 200 "somebody else's first"
api GET /item
is_status 200 "without an account"
without items

done_testing
