#!/bin/bash
# Buying: what is sold, what is refused, and who may see it.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack
new_user sam
new_user ben
new_user eve

buy() { # USER [BODY [CURL OPTION...]]
	local token=TOKEN_$1 body=${2-}
	shift $(($# < 2 ? $# : 2))
	api POST "/buy/$ITEM" "${!token}" "$body" "$@"
}
stock_is() {
	api GET "/item/$ITEM"
	json_is .stock "$1" "${2:-$1 are left}"
}

story "Buying two lamps"
new_item sam '{"name":"Lamp","stock":5}'
buy ben '{"quantity":2,"expected_price":{"amount":1999,"currency":"EUR"}}'
is_status 201
ORDER=$(json .id)
header_is Location "/order/$ORDER"
header_is Cache-Control no-store
json_is 'keys_unsorted | join(" ")' "id number buyer_id status lines total history created_at updated_at"
json_is '.lines[0] | keys_unsorted | join(" ")' "item_id seller_id name unit_price quantity total status tracking"
json_like .number '^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$'
json_is .buyer_id "$ID_ben"
json_is .status confirmed
json_is '.lines[0] | [.item_id, .seller_id, .name, .unit_price, .quantity, .total, .status, .tracking]' \
	"[\"$ITEM\",\"$ID_sam\",\"Lamp\",{\"amount\":1999,\"currency\":\"EUR\"},2,{\"amount\":3998,\"currency\":\"EUR\"},\"confirmed\",null]"
json_is .total '{"amount":3998,"currency":"EUR"}'
json_is '[.history[].status] | last' confirmed
json_is '.history | last | .by' "$ID_ben"
BOUGHT=$BODY
stock_is 3

story "The order"
api GET "/order/$ORDER" "$TOKEN_ben"
is_status 200
is "$BODY" "$BOUGHT" "is what the buyer was told"
header_is Cache-Control no-store
tag=$(header ETag)
api GET "/order/$ORDER" "$TOKEN_ben" '' -H "If-None-Match: $tag"
is_status 304
api GET "/order/$ORDER" "$TOKEN_sam"
is_status 200 "its seller sees it"
json_is '.lines | length' 1
api GET "/order/$ORDER" "$TOKEN_eve"
is_problem 404 not_found "nobody else does"
api GET "/order/$ORDER"
is_problem 401 missing_token
api GET /order/0190e2b0-1111-7222-8333-444455556666 "$TOKEN_ben"
is_problem 404 not_found
api GET "/order/$ITEM" "$TOKEN_ben"
is_problem 404 not_found "an item's id is no order's"

story "What is sold stays as it was sold"
api PUT "/item/$ITEM" "$TOKEN_sam" '{"name":"Golden lamp","price":{"amount":9999,"currency":"EUR"}}'
is_status 200
api GET "/order/$ORDER" "$TOKEN_ben"
is "$BODY" "$BOUGHT" "a new price changes no old order"
buy ben '{"expected_price":{"amount":1999,"currency":"EUR"}}'
is_problem 409 price_changed
json_is .price '{"amount":9999,"currency":"EUR"}' "the price of now is told"
stock_is 3 "nothing was sold"

story "Buying one, with no body"
buy ben
is_status 201
json_is '.lines[0].quantity' 1
stock_is 2

story "More than there is"
buy ben '{"quantity":3}'
is_problem 409 insufficient_stock
json_is .available 2
stock_is 2 "nothing was sold"
buy ben '{"quantity":2}'
is_status 201 "all that is left"
buy ben
is_problem 409 insufficient_stock
json_is .available 0
stock_is 0

story "Requests that are none"
while IFS='|' read -r body pointer code; do
	buy ben "$body"
	is_problem 422 validation_failed "$body"
	has_field_fault "$pointer" "$code"
done <<'END'
{"quantity":0}|/quantity|out_of_range
{"quantity":1001}|/quantity|out_of_range
{"quantity":9223372036854775808}|/quantity|out_of_range
{"quantity":"2"}|/quantity|wrong_type
{"quantity":1.5}|/quantity|wrong_type
{"amount":2}|/amount|unknown_field
{"expected_price":1999}|/expected_price|wrong_type
{"expected_price":{"amount":1}}|/expected_price/currency|required
{"$where":"1"}|/$where|unknown_field
END
buy ben '{"quantity":'
is_problem 400 malformed_request
buy ben 'quantity=2' -H 'Content-Type: application/x-www-form-urlencoded'
is_problem 415 unsupported_media_type
api POST "/buy/$ITEM" '' '{}'
is_problem 401 missing_token
for id in 0190e2b0-1111-7222-8333-444455556666 x '%24ne'; do
	api POST "/buy/$id" "$TOKEN_ben" '{}'
	is_problem 404 not_found "/buy/$id"
done
api POST "/buy/$ITEM?quantity=2" "$TOKEN_ben" '{}'
is_problem 422 validation_failed
has_parameter_fault quantity unknown_field
api GET "/buy/$ITEM" "$TOKEN_ben"
is_problem 405 method_not_allowed
header_like Allow POST

story "A total beyond all bounds"
new_item sam '{"price":{"amount":1000000000000,"currency":"EUR"},"stock":5}'
buy ben '{"quantity":2}' -H "Idempotency-Key: $RUN_ID-much"
is_problem 422 validation_failed
has_field_fault /quantity out_of_range
stock_is 5 "nothing was sold"
buy ben '{"quantity":1}' -H "Idempotency-Key: $RUN_ID-much"
is_status 201 "the key was not kept for it"

story "Once under a key"
new_item sam '{"stock":10}'
key=$RUN_ID-lamp
buy ben '{"quantity":2}' -H "Idempotency-Key: $key"
is_status 201
first=$BODY
location=$(header Location)
tag=$(header ETag)
for _ in 1 2; do
	buy ben '{"quantity":2}' -H "Idempotency-Key: \"$key\""
	is_status 201
	is "$BODY" "$first" "the first answer, byte for byte"
	header_is Idempotency-Replayed true
	header_is Location "$location"
	header_is ETag "$tag"
	header_is Content-Type application/json
done
stock_is 8 "sold once"
buy ben '{"quantity":3}' -H "Idempotency-Key: $key"
is_problem 422 idempotency_key_reused "another body"
used=$ITEM
new_item sam '{"stock":10}'
buy ben '{"quantity":2}' -H "Idempotency-Key: $key"
is_problem 422 idempotency_key_reused "another item"
buy eve '{"quantity":2}' -H "Idempotency-Key: $key"
is_status 201 "another buyer's is another key"
ITEM=$used
buy ben '{"quantity":9}' -H "Idempotency-Key: $key-9"
is_problem 409 insufficient_stock
first=$BODY
buy ben '{"quantity":9}' -H "Idempotency-Key: $key-9"
is_problem 409 insufficient_stock "a refusal of the purchase itself is kept too"
is "$BODY" "$first" "byte for byte"
header_is Idempotency-Replayed true
buy ben '{"quantity":0}' -H "Idempotency-Key: $key-0"
is_status 422
buy ben '{"quantity":1}' -H "Idempotency-Key: $key-0"
is_status 201 "a refusal before it is not"

story "Two at once under one key"
new_item sam '{"stock":10}'
for i in 1 2 3 4 5 6; do
	curl -sS -o /dev/null -w '%{http_code}\n' --noproxy '*' -X POST "$GATEWAY_URL/buy/$ITEM" \
		-H "Authorization: Bearer $TOKEN_ben" -H "Idempotency-Key: $key-at-once" \
		-H 'Content-Type: application/json' -d '{"quantity":1}' >"$STORY_DIR/once$i" &
done
wait
ok "each is told 201 or 409" [ "$(cat "$STORY_DIR"/once? | sort -u | grep -cvE '^(201|409)$')" = 0 ]
ok "at least one 201" grep -q 201 "$STORY_DIR"/once?
stock_is 9 "sold once"

story "One's own item"
new_item sam '{"stock":1}'
buy sam
is_status 201

story "The list of orders"
new_user zoe
new_item sam '{"stock":3}'
for _ in 1 2 3 4; do
	buy zoe
done
is_problem 409 insufficient_stock
api GET /order "$TOKEN_zoe"
is_status 200
json_is '[.data[].status]' '["confirmed","confirmed","confirmed"]' "failed ones are left out"
json_holds '[.data[].created_at] | . == (sort | reverse)' "newest first"
api GET '/order?status=failed' "$TOKEN_zoe"
json_is '[.data[].status]' '["failed"]' "but not when asked for"
json_is '.data[0] | [.total, .lines[0].name, .lines[0].status]' '[null,null,"failed"]'
api GET '/order?status=shipped' "$TOKEN_zoe"
json_is .data '[]'
api GET '/order?limit=2' "$TOKEN_zoe"
json_is '.data | length' 2
header_like Link 'rel="?next"?'
api GET "/order?limit=2&cursor=$(json .next_cursor)" "$TOKEN_zoe"
json_is '.data | length' 1
json_is .next_cursor null
api GET /order "$TOKEN_eve"
json_holds "all(.data[]; .buyer_id == \"$ID_eve\")" "one's own alone"
api GET /order
is_problem 401 missing_token
api GET '/order?status=lost' "$TOKEN_zoe"
is_problem 422 validation_failed
has_parameter_fault status not_allowed

done_testing
