#!/bin/bash
# Somebody makes an account, and what is refused on the way there.
. "$(dirname "$0")/lib.sh"
use_stack

# register EMAIL PASSWORD NAME [MEMBERS]: MEMBERS are JSON laid over the rest.
register() {
	api POST /auth/register '' "$(jq -n --arg email "$1" --arg password "$2" --arg name "$3" \
		--argjson over "${4:-"{}"}" '{$email, $password, $name} + $over')"
}
refused_at() { # POINTER CODE WHAT
	is_problem 422 validation_failed "$3"
	has_field_fault "$1" "$2" "$3: $1 is $2"
}

story "Ada makes an account"
register "Ada-$RUN_ID@Example.org" "analytical engine" "Ada Lovelace" '{"locale":"en-GB"}'
is_status 201
json_is .email "Ada-$RUN_ID@Example.org" "the address is shown as she wrote it"
json_is .name "Ada Lovelace"
json_is .roles '["customer"]'
json_is .email_verified false
json_like .id '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' "its id is a UUIDv7"
json_like .created_at '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$'
json_holds '.created_at == .updated_at'
json_holds 'keys == ["created_at","email","email_verified","id","name","roles","updated_at"]' \
	"and nothing else, no hash above all"
header_like Location '^/auth/'
header_is Cache-Control no-store
location=$(header Location)
id=$(json .id)

story "She finds it where Location says"
api POST /auth/login '' "{\"email\":\"ada-$RUN_ID@example.org\",\"password\":\"analytical engine\"}"
is_status 200
api GET "$location" "$(json .access_token)"
is_status 200
json_is .id "$id"

story "Her address is taken now, in any case"
register "ADA-$RUN_ID@EXAMPLE.ORG" "another password" "Somebody"
is_problem 409 email_taken

story "Letters beyond ASCII have cases too"
register "JÖRG-$RUN_ID@müller.example" "grün und blau" "Jörg"
is_status 201
register "jörg-$RUN_ID@MÜLLER.example" "grün und blau" "Jörg"
is_problem 409 email_taken

story "A body that is none"
api POST /auth/register '' '{"email": '
is_problem 400 malformed_request "half an object"
api POST /auth/register '' '{"email":"a@b.example","email":"c@d.example"}'
is_problem 400 malformed_request "a member twice"
printf '{"email":"\xff\xfe@example.org","password":"12345678","name":"x"}' >"$STORY_DIR/bytes"
api POST /auth/register '' "@$STORY_DIR/bytes"
is_problem 400 malformed_request "invalid UTF-8"
printf '{"name":%s1%s}' "$(printf '[%.0s' {1..40})" "$(printf ']%.0s' {1..40})" >"$STORY_DIR/deep"
api POST /auth/register '' "@$STORY_DIR/deep"
is_problem 400 malformed_request "forty levels deep"
api POST /auth/register '' '["a","b"]'
is_problem 422 validation_failed "a list"
api POST /auth/register '' '' --header 'Content-Type: application/json' --data-binary ''
is_status 400 "nothing at all"
api POST /auth/register '' 'email=a' --header 'Content-Type: application/x-www-form-urlencoded'
is_problem 415 unsupported_media_type "a form"

story "A body of two megabytes"
{ printf '{"name":"' && head -c 2097152 /dev/zero | tr '\0' x && printf '"}'; } >"$STORY_DIR/huge"
api POST /auth/register '' "@$STORY_DIR/huge"
is_problem 413 body_too_large

story "Every fault is told at once"
api POST /auth/register '' '{"email":7,"password":"short","nmae":"Ada","locale":"x"}'
is_problem 422 validation_failed
has_field_fault /email wrong_type
has_field_fault /password too_short
has_field_fault /name required
has_field_fault /nmae unknown_field
has_field_fault /locale too_short
json_holds '.errors | length == 5'

story "Addresses that are none"
for email in ada "ada@" "@example.org" "ada@example" "ada lovelace@example.org" "ada@exa mple.org" \
	"ada@@example.org" "ada@example..org" ".ada@example.org" "ada@-example.org" "ada@127.0.0.1" \
	$'ada\u00a0@example.org' $'ada\u200b@example.org'; do
	register "$email" "analytical engine" Ada
	refused_at /email bad_format "'$email'"
done
register "$(printf 'a%.0s' {1..64})@$(printf 'b%.0s' {1..63}).$(printf 'c%.0s' {1..63}).$(printf 'd%.0s' {1..63})" \
	"analytical engine" Ada
refused_at /email too_long "256 characters"
api POST /auth/register '' '{"email":"ada\u0000@example.org","password":"analytical engine","name":"Ada"}'
refused_at /email bad_format "a NUL in an address"
register $'ada\r\nBcc: all@example.org' "analytical engine" Ada
refused_at /email bad_format "a line break in an address"

story "Passwords that are none"
register "grace-$RUN_ID@example.org" 1234567 Grace
refused_at /password too_short "seven characters"
register "grace-$RUN_ID@example.org" "$(printf 'x%.0s' {1..129})" Grace
refused_at /password too_long "129 characters"
api POST /auth/register '' "{\"email\":\"grace-$RUN_ID@example.org\",\"password\":\"12345678\\u0000\",\"name\":\"Grace\"}"
refused_at /password bad_format "a NUL in a password"
# Seven letters, written as fourteen code points.
register "grace-$RUN_ID@example.org" "$(printf 'e\u0301%.0s' {1..7})" Grace
refused_at /password too_short "seven accented letters, decomposed"

for password in password QwertyUiop 123456789 Iloveyou1; do
	register "grace-$RUN_ID@example.org" "$password" Grace
	refused_at /password password_too_common "$password"
done
register "grace-$RUN_ID@example.org" "GRACE-$RUN_ID" Grace
refused_at /password password_too_common "what stands before the @"
register "grace-$RUN_ID@example.org" "grace  hopper" "Grace  Hopper"
refused_at /password password_too_common "her own name"

story "Names that are none"
register "grace-$RUN_ID@example.org" "analytical engine" ""
refused_at /name too_short "no name"
register "grace-$RUN_ID@example.org" "analytical engine" "$(printf 'x%.0s' {1..101})"
refused_at /name too_long "101 characters"
register "grace-$RUN_ID@example.org" "analytical engine" $'Grace\nHopper'
refused_at /name bad_format "two lines"
api POST /auth/register '' "{\"email\":\"grace-$RUN_ID@example.org\",\"password\":\"analytical engine\",\"name\":{\"\$ne\":1}}"
refused_at /name wrong_type "an object"

story "Nothing of all that was stored"
register "grace-$RUN_ID@example.org" "analytical engine" Grace
is_status 201 "her address is still free"

story "What is long is taken whole"
register "long-$RUN_ID@example.org" "$(printf '\U1F511%.0s' {1..128})" "$(printf 'ü%.0s' {1..100})"
is_status 201 "128 emoji as a password, 100 umlauts as a name"

story "Other methods, other paths"
api GET /auth/register
is_problem 405 method_not_allowed
header_like Allow POST
api POST /auth/registers '' '{}'
is_problem 404 not_found
api POST '/auth/register?role=admin' '' "{\"email\":\"q-$RUN_ID@example.org\",\"password\":\"analytical engine\",\"name\":\"Q\"}"
is_problem 422 validation_failed "an unknown query parameter"
has_parameter_fault role unknown_field
register "q-$RUN_ID@example.org" "analytical engine" Q '{"roles":["admin"]}'
refused_at /roles unknown_field "nobody makes themselves an administrator"

done_testing
