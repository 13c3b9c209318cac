#!/bin/bash
# Ada sets up webhooks, looks after them, and removes them; Eve tries hers through every route.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/settings.sh
. "$(dirname "$0")/settings.sh"
use_stack
trap 'usual_settings; rm -rf "$STORY_DIR"' EXIT

# shellcheck disable=SC2153  # new_user sets the tokens
{
	new_user ada
	new_user eve
}
URL="https://hooks.example.org/$RUN_ID"
webhook() { # URL EVENT...
	local url=$1
	shift
	jq -nc --arg url "$url" '{$url, events: $ARGS.positional}' --args "$@"
}

story "Ada sets one up"
api POST /webhook "$TOKEN_ada" "$(webhook "$URL" order.shipped order.created)"
is_status 201
json_holds 'keys == ["created_at","disabled_reason","events","id","secret","status","updated_at","url"]'
json_is .url "$URL"
json_is .events '["order.shipped","order.created"]'
json_is .status active
json_is .disabled_reason null
json_like .secret '^whsec_[A-Za-z0-9+/]{43}=$'
json_like .id '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
header_is Cache-Control no-store
id=$(json .id)
secret=$(json .secret)
etag=$(header ETag)
header_is Location "/webhook/$id"

story "She finds it there, without its secret"
api GET "/webhook/$id" "$TOKEN_ada"
is_status 200
json_is .url "$URL"
json_is .secret null "no secret"
header_is ETag "$etag" "with the tag that it was made with"
api GET "/webhook/$id" "$TOKEN_ada" '' --header "If-None-Match: $etag"
is_status 304
api HEAD "/webhook/$id" "$TOKEN_ada"
is_status 200
api GET /webhook "$TOKEN_ada"
is_status 200
json_is '.data | length' 1
json_is '.data[0].id' "$id"
json_is '.data[0].secret' null
json_is .next_cursor null

story "She changes it"
api PATCH "/webhook/$id" "$TOKEN_ada" '{"events":["order.shipped","item.created","order.created"]}'
is_status 200
json_is .events '["order.shipped","item.created","order.created"]' "in the order that she gives"
api PATCH "/webhook/$id" "$TOKEN_ada" '{"events":["item.low_stock"]}' \
	--header 'Content-Type: application/merge-patch+json'
is_status 200
json_is .events '["item.low_stock"]'
json_is .url "$URL"
api GET "/webhook/$id" "$TOKEN_ada" '' --header "If-None-Match: $etag"
is_status 200 "the tag is another one"
api PATCH "/webhook/$id" "$TOKEN_ada" '{"status":"disabled"}' --header "If-Match: $etag"
is_problem 412 precondition_failed "somebody else was quicker"
api DELETE "/webhook/$id" "$TOKEN_ada" '' --header "If-Match: $etag"
is_problem 412 precondition_failed "to end it, too"
api GET "/webhook/$id" "$TOKEN_ada"
json_is .status active
api PATCH "/webhook/$id" "$TOKEN_ada" '{}' --header "If-Match: $(header ETag)"
is_status 200 "with the tag of now"
api PATCH "/webhook/$id" "$TOKEN_ada" '{"status":"disabled","url":"'"$URL"'/b"}'
is_status 200
json_is .status disabled
json_is .url "$URL/b"
api PATCH "/webhook/$id" "$TOKEN_ada" '{}'
is_status 200 "nothing at all"
json_is .status disabled

story "A disabled one is sent nothing"
api POST "/webhook/$id/ping" "$TOKEN_ada"
is_problem 409 conflict
api GET "/webhook/$id/delivery" "$TOKEN_ada"
json_is '.data | length' 0
api PATCH "/webhook/$id" "$TOKEN_ada" '{"status":"active"}'
json_is .status active

story "A new secret"
api POST "/webhook/$id/secret" "$TOKEN_ada"
is_status 201
json_holds 'keys == ["secret"]'
json_like .secret '^whsec_[A-Za-z0-9+/]{43}=$'
ok "is another one" [ "$(json .secret)" != "$secret" ]

story "What a webhook can't be"
refused_at() { # POINTER CODE BODY
	api POST /webhook "$TOKEN_ada" "$3"
	is_problem 422 validation_failed "$3"
	has_field_fault "$1" "$2" "$3: $1 is $2"
}
refused_at /url required '{"events":["order.created"]}'
refused_at /url wrong_type '{"url":7,"events":["order.created"]}'
for url in "" ftp://example.org/ example.org "https://" "https:///x" "https://exa mple.org/"; do
	[ -n "$url" ] || { refused_at /url too_short "$(webhook "" order.created)" && continue; }
	refused_at /url bad_format "$(webhook "$url" order.created)"
done
refused_at /url not_allowed "$(webhook https://me:word@example.org/ order.created)"
refused_at /url not_allowed "$(webhook https://example.org/#top order.created)"
refused_at /url too_long "$(webhook "https://example.org/$(printf 'x%.0s' {1..2000})" order.created)"
refused_at /events required '{"url":"'"$URL"'"}'
refused_at /events too_short "$(webhook "$URL")"
refused_at /events/1 not_allowed "$(webhook "$URL" order.created user.registered)"
refused_at /events/0 not_allowed "$(webhook "$URL" 'order.*')"
refused_at /events/1 duplicate "$(webhook "$URL" order.created order.created)"
refused_at /secret unknown_field "$(webhook "$URL" order.created | jq -c '. + {secret: "mine"}')"
api POST /webhook "$TOKEN_ada" '{"url":"nowhere","events":["nothing"],"evnts":1}'
has_field_fault /url bad_format "all at once: the url"
has_field_fault /events/0 not_allowed "all at once: the event"
has_field_fault /evnts unknown_field "all at once: the misspelt member"
api PATCH "/webhook/$id" "$TOKEN_ada" '{"url":null,"events":[],"status":"broken"}'
is_problem 422 validation_failed
has_field_fault /url wrong_type
has_field_fault /events too_short
has_field_fault /status not_allowed
api GET "/webhook/$id" "$TOKEN_ada"
json_is .url "$URL/b" "and nothing changed"
api GET "/webhook?limt=3" "$TOKEN_ada"
is_problem 422 validation_failed
has_parameter_fault limt unknown_field
api POST /webhook '' "$(webhook "$URL" order.created)"
is_problem 401 missing_token

story "The same request twice, by its key"
body=$(webhook "$URL/twice" item.created)
api POST /webhook "$TOKEN_ada" "$body" --header "Idempotency-Key: \"first-$RUN_ID\""
is_status 201
header_absent Idempotency-Replayed
cp "$BODY_FILE" "$STORY_DIR/first"
first_location=$(header Location)
first_tag=$(header ETag)
api POST /webhook "$TOKEN_ada" "$body" --header "Idempotency-Key: first-$RUN_ID"
is_status 201
header_is Idempotency-Replayed true
header_is Location "$first_location"
header_is ETag "$first_tag"
header_like Content-Type '^application/json'
ok "byte for byte, the secret too" cmp -s "$BODY_FILE" "$STORY_DIR/first"
api POST /webhook "$TOKEN_ada" "$(webhook "$URL/other" item.created)" --header "Idempotency-Key: first-$RUN_ID"
is_problem 422 idempotency_key_reused
api POST /webhook "$TOKEN_eve" "$body" --header "Idempotency-Key: first-$RUN_ID"
is_status 201 "Eve's keys are her own"
header_absent Idempotency-Replayed
api DELETE "$(header Location)" "$TOKEN_eve"
is_status 204
api POST /webhook "$TOKEN_ada" '{"url":7}' --header "Idempotency-Key: second-$RUN_ID"
is_status 422 "a refusal"
api POST /webhook "$TOKEN_ada" "$body" --header "Idempotency-Key: second-$RUN_ID"
is_status 201 "is not kept"
api GET /webhook "$TOKEN_ada"
json_is '.data | length' 3

story "Ten at once by one key make one webhook"
pids=()
for n in 0 1 2 3 4 5 6 7 8 9; do
	curl -s --noproxy '*' -o "$STORY_DIR/same.$n" -w '%{http_code}\n' "$GATEWAY_URL/webhook" \
		-H "Authorization: Bearer $TOKEN_eve" -H "Idempotency-Key: same-$RUN_ID" \
		-H 'Content-Type: application/json' -d "$body" >"$STORY_DIR/status.$n" &
	pids+=($!)
done
wait "${pids[@]}"
is "$(cat "$STORY_DIR"/status.* | sort -u | grep -vxE '201|409' | tr '\n' ' ')" "" "201 or 409"
is "$(grep -lx 201 "$STORY_DIR"/status.* | sed 's/status/same/' | xargs cat | jq -r .id | sort -u | wc -l)" 1 \
	"one id"
api GET /webhook "$TOKEN_eve"
json_is '.data | length' 1
api DELETE "/webhook/$(json '.data[0].id')" "$TOKEN_eve"

story "Eve knows Ada's id, and that is all"
for request in "GET /webhook/$id" "PATCH /webhook/$id" "DELETE /webhook/$id" "POST /webhook/$id/secret" \
	"GET /webhook/$id/delivery" "POST /webhook/$id/ping" "POST /webhook/$id/delivery/$id/redeliver"; do
	sent=
	case $request in
	PATCH*) sent='{"url":"https://eve.example.org/"}' ;;
	esac
	api "${request%% *}" "${request#* }" "$TOKEN_eve" "$sent"
	is_problem 404 not_found "$request"
	api "${request%% *}" "${request#* }" '' "$sent"
	is_problem 401 missing_token "$request, by nobody"
done
api GET /webhook "$TOKEN_eve"
json_is '.data | length' 0
api GET /webhook/17 "$TOKEN_ada"
is_problem 404 not_found "an id that is none"
api PUT "/webhook/$id" "$TOKEN_ada" '{}'
is_problem 405 method_not_allowed
header_like Allow 'PATCH'

story "Twenty are enough"
for n in {4..20}; do
	api POST /webhook "$TOKEN_ada" "$(webhook "$URL/$n" item.created)"
	[ "$STATUS" = 201 ] || break
done
is_status 201 "the twentieth"
api POST /webhook "$TOKEN_ada" "$(webhook "$URL/21" item.created)" --header "Idempotency-Key: last-$RUN_ID"
is_problem 409 conflict
cp "$BODY_FILE" "$STORY_DIR/refused"
api GET '/webhook?limit=15' "$TOKEN_ada"
json_is '.data | length' 15
header_like Link 'rel="next"'
ids=$(json '.data[].id')
api GET "/webhook?limit=15&cursor=$(json .next_cursor)" "$TOKEN_ada"
json_is '.data | length' 5
json_is .next_cursor null
is "$(printf '%s\n' "$ids" "$(json '.data[].id')" | sort -u | wc -l)" 20 "every one once"

story "She removes one"
api DELETE "/webhook/$id" "$TOKEN_ada"
is_status 204
body_is_empty
api GET "/webhook/$id" "$TOKEN_ada"
is_problem 404 not_found
api DELETE "/webhook/$id" "$TOKEN_ada"
is_problem 404 not_found
api POST /webhook "$TOKEN_ada" "$(webhook "$URL/21" item.created)" --header "Idempotency-Key: last-$RUN_ID"
is_status 409 "the refusal is kept"
header_is Idempotency-Replayed true
ok "byte for byte" cmp -s "$BODY_FILE" "$STORY_DIR/refused"

story "As a shop on the Internet has it"
with notifications WEBHOOK_ALLOW_HTTP=false WEBHOOK_ALLOW_PRIVATE=false
ok "ready" eventually 30 is_ready "$NOTIFICATIONS_URL"
known() { # it has auth's keys
	api GET /webhook "$TOKEN_eve"
	[ "$STATUS" = 200 ]
}
ok "and knows its users" eventually 10 known
for url in http://example.org/ https://127.0.0.1/ https://127.1/ https://0x7f000001/ 'https://[::1]/' \
	'https://[::ffff:10.0.0.1]/' https://169.254.169.254/latest/meta-data/ https://localhost/; do
	api POST /webhook "$TOKEN_eve" "$(webhook "$url" item.created)"
	is_problem 422 validation_failed "$url"
	has_field_fault /url not_allowed "$url is not allowed"
done
api POST /webhook "$TOKEN_eve" "$(webhook https://1.1.1.1/ item.created)"
is_status 201 "a public address is"
location=$(header Location)
api PATCH "$location" "$TOKEN_eve" '{"url":"https://localhost/"}'
is_problem 422 validation_failed "nor can it move there"
api GET "$location" "$TOKEN_eve"
json_is .url https://1.1.1.1/
without notifications
ok "as before" eventually 30 is_ready "$NOTIFICATIONS_URL"
ok "and knows its users again" eventually 10 known

story "Without its store it says so, and goes on when that is back"
ok "PostgreSQL is killed" "$SHOP_ROOT/dev/stack" kill postgres
api POST /webhook "$TOKEN_eve" "$body" --header "Idempotency-Key: lost-$RUN_ID"
is_problem 503 unavailable
header_like Retry-After '^[0-9]+$'
api GET "$NOTIFICATIONS_URL/readyz"
is_status 503
json_is '[.checks[] | select(.ok | not) | .name] | join(" ")' postgresql "and names it"
ok "it is back" "$SHOP_ROOT/dev/stack" start postgres
ok "ready" eventually 30 is_ready "$NOTIFICATIONS_URL"
api POST /webhook "$TOKEN_eve" "$body" --header "Idempotency-Key: lost-$RUN_ID"
is_status 201 "the key was not spent"
header_absent Idempotency-Replayed

done_testing
