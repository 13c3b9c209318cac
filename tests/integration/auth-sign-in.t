#!/bin/bash
# Signing in, and what a session is good for.
. "$(dirname "$0")/lib.sh"
use_stack

# sign_in EMAIL PASSWORD
sign_in() {
	api POST /auth/login '' "$(jq -n --arg email "$1" --arg password "$2" '{$email, $password}')"
}
register() { # EMAIL PASSWORD
	api POST /auth/register '' "$(jq -n --arg email "$1" --arg password "$2" '{$email, $password, name: "X"}')"
	[ "$STATUS" = 201 ] || bail_answer "can't register"
}
claims() { # of TOKEN, as JSON
	local part
	part=$(cut -d. -f2 <<<"$1" | tr '_-' '/+')
	base64 -d <<<"$part$(printf '=%.0s' $(seq $(((4 - ${#part} % 4) % 4))))" 2>/dev/null
}

new_user ada

story "Ada signs in"
sign_in "$EMAIL_ada" "$PASSWORD_ada"
is_status 200
json_is .token_type Bearer
json_is .expires_in 900 "a token for 15 minutes"
json_is .refresh_expires_in 2592000 "a session for 30 days"
json_is .user.id "$ID_ada"
json_is .user.email "$EMAIL_ada"
json_holds '(.refresh_token | length) >= 43' "the refresh token has 256 bits at least"
json_holds 'keys == ["access_token","expires_in","refresh_expires_in","refresh_token","token_type","user"]'
header_is Cache-Control no-store "no cache keeps it"
token=$(json .access_token)

story "Her token is an RFC 9068 access token"
head=$(cut -d. -f1 <<<"$token" | tr '_-' '/+' | base64 -d 2>/dev/null)
is "$(jq -r .typ <<<"$head")" at+jwt "typ"
is "$(jq -r .alg <<<"$head")" ES256 "alg"
is "$(claims "$token" | jq -r .sub)" "$ID_ada" "sub"
is "$(claims "$token" | jq -c '[.email, .roles, .exp - .iat]')" "[\"$EMAIL_ada\",[\"customer\"],900]" "email, roles, life"
is "$(claims "$token" | jq '[.iss, .aud, .jti, .sid] | all(type == "string" and length > 0)')" true \
	"iss, aud, jti and sid are there"

story "It says who she is"
api GET /auth/me "$token"
is_status 200
json_is .id "$ID_ada"
json_is .name ada
header_like ETag '^"[!#-~]+"$'
etag=$(header ETag)
api GET /auth/me "$token" '' --header "If-None-Match: $etag"
is_status 304 "nothing new since"
body_is_empty
api HEAD /auth/me "$token"
is_status 200 "HEAD works too"

story "A proxy asks for her token"
api GET /auth/validate "$token"
is_status 204
header_is X-User-Id "$ID_ada"
header_is X-User-Email "$EMAIL_ada"
header_is X-User-Roles customer

story "A service asks what her token says"
api POST /auth/validate '' "{\"token\":\"$token\"}"
is_status 200
json_is .active true
json_is .sub "$ID_ada"
json_is .email "$EMAIL_ada"
json_is .roles '["customer"]'
is "$(json '[.exp, .iat, .iss, .aud, .sid, .jti]')" \
	"$(claims "$token" | jq -c '[.exp, .iat, .iss, .aud, .sid, .jti]')" "all of its claims"

story "Without a token"
api GET /auth/me
is_problem 401 missing_token
header_like WWW-Authenticate '^Bearer'
api GET /auth/validate
is_problem 401 missing_token
api GET /auth/me not.a.token
is_problem 401 invalid_token
header_like WWW-Authenticate '^Bearer.*error="invalid_token"'
api POST /auth/validate '' '{"token":"not a token"}'
is_status 200 "to RFC 7662 that is no error"
json_is . '{"active":false}'

story "She writes her address in capitals"
sign_in "${EMAIL_ada^^}" "$PASSWORD_ada"
is_status 200

story "A wrong password, an unknown address, no address at all: one answer"
sign_in "$EMAIL_ada" "not hers at all"
is_problem 401 invalid_credentials
wrong=$(json 'del(.request_id)')
header_like WWW-Authenticate '^Bearer'
sign_in "nobody-$RUN_ID@example.org" "not hers at all"
is_problem 401 invalid_credentials
is "$(json 'del(.request_id)')" "$wrong" "the same body"
sign_in "no address $RUN_ID" "not hers at all"
is_problem 401 invalid_credentials
is "$(json 'del(.request_id)')" "$wrong" "the same body"

story "What is no sign-in"
api POST /auth/login '' "{\"email\":\"$EMAIL_ada\"}"
is_problem 422 validation_failed
has_field_fault /password required
api POST /auth/login '' "{\"email\":[\"$EMAIL_ada\"],\"password\":true,\"remember\":true}"
is_problem 422 validation_failed
has_field_fault /email wrong_type
has_field_fault /password wrong_type
has_field_fault /remember unknown_field
api POST /auth/login '' "{\"email\":\"$EMAIL_ada\",\"password\":\"$PASSWORD_ada\\u0000\"}"
is_problem 422 validation_failed
has_field_fault /password bad_format

api POST /auth/login '' "{\"email\":\"$EMAIL_ada\",\"password\":\"$(printf 'x%.0s' {1..129})\"}"
is_problem 422 validation_failed
has_field_fault /password too_long

story "A password is not cut at 72 bytes"
long=$(printf 'p%.0s' {1..100})
register "long-$RUN_ID@example.org" "${long}A"
sign_in "long-$RUN_ID@example.org" "${long}B"
is_problem 401 invalid_credentials "its 101st character counts"
sign_in "long-$RUN_ID@example.org" "${long}A"
is_status 200

story "A password is the same however its letters are composed"
register "nfc-$RUN_ID@example.org" $'caf\u00e9 cr\u00e8me'
sign_in "nfc-$RUN_ID@example.org" $'cafe\u0301 cre\u0300me'
is_status 200

story "A password may hold anything but NUL"
register "tab-$RUN_ID@example.org" $'\t\n\u0001\u007f\u0085 eight'
sign_in "tab-$RUN_ID@example.org" $'\t\n\u0001\u007f\u0085 eight'
is_status 200

story "Five failures in a row lock an account, whether it is one or not"
new_user mallory_target
for email in "$EMAIL_mallory_target" "ghost-$RUN_ID@example.org"; do
	for try in 1 2 3 4 5; do
		sign_in "$email" "guess number $try"
		[ "$STATUS" = 401 ] || break
	done
	is_problem 401 invalid_credentials "the fifth"
	sign_in "$email" "$PASSWORD_mallory_target"
	is_problem 429 account_locked "the sixth"
	header_like Retry-After '^(30|[12][0-9]|[1-9])$'
	api POST /auth/login '' "{\"email\":\"${email^^}\",\"password\":\"x\"}"
	is_problem 429 account_locked "in capitals"
done

story "A lock does not keep a device out by which the owner signed in before"
new_user cookie
header_like Set-Cookie '^shop_device=[A-Za-z0-9_-]{75}; Max-Age=15552000; Path=/auth; HttpOnly; SameSite=Strict$' \
	"a sign-in marks the device"
device=$(header Set-Cookie)
device=${device%%;*}
for try in 1 2 3 4 5; do
	sign_in "$EMAIL_cookie" "guess number $try"
done
sign_in "$EMAIL_cookie" "$PASSWORD_cookie"
is_problem 429 account_locked "a stranger"
credentials() { jq -n --arg email "$1" --arg password "$2" '{$email, $password}'; }
api POST /auth/login '' "$(credentials "$EMAIL_cookie" "$PASSWORD_cookie")" --header "Cookie: a=b; $device"
is_status 200 "her browser"
api POST /auth/login '' "$(credentials "$EMAIL_mallory_target" x)" --header "Cookie: $device"
is_problem 429 account_locked "her browser at another's account"
api POST /auth/login '' "$(credentials "$EMAIL_cookie" "$PASSWORD_cookie")" \
	--header "Cookie: shop_device=$(printf 'A%.0s' {1..75})"
is_problem 429 account_locked "a forged cookie"

story "After the lock the right password works, and forgives"
sql() { psql -qAtX -d "$AUTH_DATABASE_OWNER_URL" -c "$1"; }
hash() { printf "%s" "$1" | openssl dgst -sha256 -binary | base64 | tr '/+' '_-' | tr -d =; }
buckets="'a$(hash "$EMAIL_mallory_target")', 'p$(hash "127.0.0.1 $EMAIL_mallory_target")'"
unlock="UPDATE login_failures SET locked_until = now() WHERE bucket IN ($buckets)"
sql "$unlock"
sign_in "$EMAIL_mallory_target" "guess number six"
is_problem 401 invalid_credentials "a sixth failure"
sign_in "$EMAIL_mallory_target" "$PASSWORD_mallory_target"
is_problem 429 account_locked "locks again"
header_like Retry-After '^(60|[45][0-9]|3[1-9])$'
sql "$unlock"
sign_in "$EMAIL_mallory_target" "$PASSWORD_mallory_target"
is_status 200 "the owner is back"
is "$(sql "SELECT count(*) FROM login_failures WHERE bucket IN ($buckets)")" 0 "the failures are forgotten"

story "The audit knows of all that"
is "$(sql "SELECT string_agg(action, ' ' ORDER BY id) FROM audit WHERE user_id = '$ID_mallory_target'")" \
	"registered signed_in$(printf ' sign_in_failed%.0s' 1 2 3 4 5 6) signed_in" "each event once"
is "$(psql -qAtX -d "$AUTH_DATABASE_URL" -c 'DELETE FROM audit' 2>&1 | grep -c 'permission denied')" 1 \
	"whoever serves can't delete from it"
is "$(psql -qAtX -d "$AUTH_DATABASE_URL" -c "UPDATE audit SET action = ''" 2>&1 | grep -c 'permission denied')" 1 \
	"nor change it"

done_testing
