#!/bin/bash
# Limits: by address, by account, for registering and for signing in.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/settings.sh
. "$SHOP_ROOT/tests/integration/settings.sh"
use_stack

# The services ask auth from 127.0.0.1 for keys and ended sessions: the story's client has an address
# of this run's own.  It has little to spend, so that what comes back meanwhile takes half a minute.
ADDRESS=127.$((1 + RANDOM % 254)).$((RANDOM % 256)).$((1 + RANDOM % 254))
exempt=RATE_LIMIT_EXEMPT=127.0.0.1/32,192.0.2.0/24

finish() {
	usual_settings
	rm -rf "$STORY_DIR"
}
trap finish EXIT

# As api, by that client.
client() { # METHOD PATH [TOKEN [BODY [CURL OPTION...]]]
	api "$1" "$2" "${3-}" "${4-}" --interface "$ADDRESS" "${@:5}"
}

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
with auth $exempt RATE_LIMIT_ADDRESS=2
client GET $keys
is_status 200
header_like RateLimit '"address";r=1' "RateLimit counts down"
header_like RateLimit-Policy '"address";q=2;w=60' "RateLimit-Policy says what from"
client GET $keys
is_status 200 "the second request"
client GET $keys
is_limited "the third"
client GET /auth/nope
is_problem 429 rate_limited "an unknown path counts too"
client GET $keys '' '' -H 'X-Forwarded-For: 192.0.2.7' -H 'Forwarded: for=192.0.2.7'
is_problem 429 rate_limited "what a client says of its address is not believed"
client GET "$AUTH_URL/healthz"
is_status 200 "health has no limit"
api GET $keys
is_status 200 "an exempt address has none either"

story "A trusted proxy is believed"
with auth TRUSTED_PROXIES=127.0.0.0/8
for _ in 1 2; do
	client GET $keys '' '' -H 'X-Forwarded-For: 198.51.100.1'
done
is_status 200 "the second request of one client"
client GET $keys '' '' -H 'X-Forwarded-For: 198.51.100.1'
is_limited "its third"
client GET $keys '' '' -H 'X-Forwarded-For: 203.0.113.9, 198.51.100.1'
is_problem 429 rate_limited "what that client says of others is not believed"
for name in Forwarded X_Forwarded_For 'X!Forwarded!For'; do
	client GET $keys '' '' -H "$name: for=192.0.2.7" -H 'X-Forwarded-For: 198.51.100.1'
	is_problem 429 rate_limited "nor what it says by $name"
done
client GET $keys '' '' -H 'X-Forwarded-For: 198.51.100.2'
is_status 200 "another client"
for _ in 1 2 3; do
	client GET $keys '' '' -H 'Forwarded: for=192.0.2.7'
done
is_status 200 "an exempt one has no limit"

story "Registering, signing in, and forgetting a password"
without auth
with auth $exempt RATE_LIMIT_REGISTER=2 RATE_LIMIT_LOGIN=2 RATE_LIMIT_FORGOT=2
for n in 1 2; do
	client POST /auth/register '' '{}'
	is_status 422 "attempt $n to register"
done
client POST /auth/register '' '{}'
is_limited "the third attempt"
"$SHOP_ROOT/dev/stack" restart auth || bail "auth does not start again"
client POST /auth/register '' '{}'
is_limited "another process of auth, which shares the count"
for n in 1 2; do
	client POST /auth/login '' "{\"email\":\"$EMAIL_alice\",\"password\":\"$PASSWORD_alice\"}"
	is_status 200 "sign-in $n"
done
client POST /auth/login '' "{\"email\":\"$EMAIL_alice\",\"password\":\"$PASSWORD_alice\"}"
is_limited "the third sign-in"
for email in "$EMAIL_alice" "nobody-$RUN_ID@example.org"; do
	client POST /auth/password/forgot '' "{\"email\":\"$email\"}"
	is_status 202 "a link for $email"
done
client POST /auth/password/forgot '' "{\"email\":\"$EMAIL_bob\"}"
is_limited "one more, for whomever"
api GET /auth/me "$TOKEN_alice"
is_status 200 "other operations go on"
without auth

story "A limit by account"
with items RATE_LIMIT_ACCOUNT=2
ok "items has auth's keys" eventually 30 is_ready "$ITEMS_URL"
for n in 1 2; do
	api GET /order "$TOKEN_alice"
	is_status 200 "request $n"
done
api GET /order "$TOKEN_alice"
is_limited "the third"
api GET /order "$TOKEN_bob"
is_status 200 "somebody else's first"
api GET /item
is_status 200 "without an account"
without items

done_testing
