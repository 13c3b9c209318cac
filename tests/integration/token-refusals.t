#!/bin/bash
# What items makes of access tokens: bad ones, each kind of them; those of sessions that ended; and
# those by keys that come and go.
. "$(dirname "$0")/lib.sh"
use_stack

forge=${BUILD:-$SHOP_ROOT/build/release}/tests/forge
keys=$SHOP_STACK_DIR/keys
lamp='{"name":"Lamp","price":{"amount":1999,"currency":"EUR"},"stock":3}'

kid_of() { # TOKEN
	jq -Rr 'split(".")[0] | gsub("-"; "+") | gsub("_"; "/") | @base64d | fromjson | .kid' <<<"$1"
}

forged() { # VARIANT [NAME JSON]: sets FORGED
	FORGED=$("$forge" "$keys" "$TOKEN_eve" "$@") || bail "can't forge: $*"
}

is_refused() { # TOKEN WHAT
	api POST /item "$1" "$lamp"
	is_problem 401 invalid_token "$2"
	header_like WWW-Authenticate '^Bearer' "$2: the challenge is there"
}

# refuses WHAT VARIANT [NAME JSON]
refuses() {
	forged "${@:2}"
	is_refused "$FORGED" "$1"
}

gets() { # STATUS TOKEN: of a cheap request that needs a token
	api GET '/order?limit=1' "$2"
	[ "$STATUS" = "$1" ]
}

new_user eve
now=$(date +%s)

story "Eve's own token is good"
api POST /item "$TOKEN_eve" "$lamp"
is_status 201
forged claim extra 1
api POST /item "$FORGED" "$lamp"
is_status 201 "so is one that is signed as auth signs: the forger knows its trade"

story "A token of another kind"
refuses "alg none" none
refuses "HS256 signed with the public key" hs256-public
refuses "HS256 with an empty key" hs256-empty
refuses "RS256" rs256
refuses "a good signature under alg none" header alg '"none"'
refuses "a good signature under alg HS256" header alg '"HS256"'
refuses "no alg" header alg ''
refuses "typ JWT" header typ '"JWT"'
refuses "no typ" header typ ''
refuses "an extension that must be understood" header crit '["exp"]'

story "A token of another key"
refuses "a stranger's key under a known kid" stranger
refuses "an unknown kid" header kid '"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"'
refuses "a kid that is a path" header kid '"../../../dev/null"'
refuses "no kid" header kid ''

story "A token for somebody else"
refuses "another aud" claim aud '"bank"'
refuses "no aud" claim aud ''
refuses "another iss" claim iss '"https://auth.example.org"'
refuses "no iss" claim iss ''

story "A token of another time"
refuses "expired" claim exp $((now - 60))
refuses "no exp" claim exp ''
refuses "exp is a text" claim exp "\"$((now + 600))\""
refuses "issued in the future" claim iat $((now + 600))
refuses "not valid yet" claim nbf $((now + 600))

story "A token of nobody"
refuses "no sub" claim sub ''
refuses "sub is no id" claim sub '"eve"'
refuses "no sid" claim sid ''
refuses "no jti" claim jti ''
refuses "no roles" claim roles ''
refuses "roles is a text" claim roles '"admin"'
refuses "no email" claim email ''

story "A token that was changed"
refuses "other claims under the old signature" altered
refuses "a signature of zeros" zeros
is_refused "${TOKEN_eve%?}" "one character short"
is_refused "${TOKEN_eve%.*}." "no signature"
is_refused "${TOKEN_eve%.*}" "two parts"
is_refused "$TOKEN_eve.e30" "four parts"
is_refused "$TOKEN_eve==" "padded"
is_refused "${TOKEN_eve/./=.}" "padded inside"
is_refused "x$TOKEN_eve" "one character more"
is_refused "$(printf 'a%.0s' {1..5000})" "five thousand letters"
is_refused "token" "a word"

story "No token at all"
api POST /item '' "$lamp"
is_problem 401 missing_token
header_like WWW-Authenticate '^Bearer'
api POST /item '' "$lamp" --header "Authorization: Basic $(printf 'eve:x' | base64)"
is_status 401 "another scheme"

story "Signing out is seen by items within 5 s"
ok "her token is good" gets 200 "$TOKEN_eve"
api POST /auth/logout '' "{\"refresh_token\":\"$REFRESH_eve\"}"
is_status 204
ok "and then it is not" eventually 5 gets 401 "$TOKEN_eve"
is_refused "$TOKEN_eve" "selling"
login eve
ok "a new session is not the old one" gets 200 "$TOKEN_eve"

# An older file's key is published and never signs, so nobody else in the shop depends on it.
story "A key that is removed takes its tokens along"
make_key() {
	JWT_KEYS_DIR=$keys make --silent --no-print-directory -C "$SHOP_ROOT" keys
}
guest=$(make_key) || bail "no key was made"
touch -d '2 days ago' "$guest"
forged by "$guest"
ok "while it is there, its tokens are good" eventually 10 gets 200 "$FORGED"
rm -f "$guest"
ok "within seconds of its removal they are not" eventually 10 gets 401 "$FORGED"
is_refused "$FORGED" "signed by a removed key"
ok "those by other keys are" gets 200 "$TOKEN_eve"

# New tokens all the while, as a browser gets them, and an old one.
story "Keys rotate, and no request is refused"
old=$TOKEN_eve old_kid=$(kid_of "$TOKEN_eve")
make_key >/dev/null || bail "no key was made"
refused=0 asked=0 kids=
end=$((SECONDS + 120)) after=0
while [ "$after" -lt 5 ] && [ "$SECONDS" -lt "$end" ]; do
	login eve
	[[ $kids == *$(kid_of "$TOKEN_eve")* ]] || kids+=" $(kid_of "$TOKEN_eve")"
	[ "$(kid_of "$TOKEN_eve")" = "$old_kid" ] || after=$((after + 1))
	for token in "$TOKEN_eve" "$old" "$TOKEN_eve"; do
		asked=$((asked + 1))
		gets 200 "$token" || refused=$((refused + 1))
	done
done
is "$after" 5 "the new key signs"
is "$refused" 0 "none of $asked requests is refused"
is "$(wc -w <<<"$kids")" 2 "with tokens by two keys"

done_testing
