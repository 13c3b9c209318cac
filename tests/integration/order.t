#!/bin/bash
# An order of many lines: all of it or none.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack
new_user ann
new_user sid
new_user bea

order() { # LINES [CURL OPTION...]: bea's
	local lines=$1
	shift
	api POST /order "$TOKEN_bea" "{\"lines\":[$lines]}" "$@"
}
line() { # ITEM [QUANTITY [MEMBERS]]
	printf '{"item_id":"%s","quantity":%s%s}' "$1" "${2:-1}" "${3:+,$3}"
}
# stocks A B C: what is left of the lamp, the book and the mirror.
stocks() {
	local item wanted=("$@") got=()
	for item in "$LAMP" "$BOOK" "$MIRROR"; do
		api GET "/item/$item"
		got+=("$(json .stock)")
	done
	is "${got[*]}" "${wanted[*]}" "${*} are left"
}

new_item ann '{"name":"Lamp","price":{"amount":1999,"currency":"EUR"},"stock":9}'
LAMP=$ITEM
new_item ann '{"name":"Mirror","price":{"amount":150000000000,"currency":"EUR"},"stock":100}'
MIRROR=$ITEM
new_item sid '{"name":"Book","price":{"amount":500,"currency":"EUR"},"stock":2}'
BOOK=$ITEM
new_item sid '{"name":"Kimono","price":{"amount":9000,"currency":"JPY"},"stock":2}'
KIMONO=$ITEM

story "Two lamps and a book"
order "$(line "$LAMP" 2 '"expected_price":{"amount":1999,"currency":"EUR"}'),$(line "$BOOK")"
is_status 201
ORDER=$(json .id)
header_is Location "/order/$ORDER"
json_is .status confirmed
json_is '[.lines[] | [.name, .seller_id, .quantity, .total.amount, .status]]' \
	"[[\"Lamp\",\"$ID_ann\",2,3998,\"confirmed\"],[\"Book\",\"$ID_sid\",1,500,\"confirmed\"]]" \
	"in the order asked for"
json_is .total '{"amount":4498,"currency":"EUR"}'
BOUGHT=$BODY
stocks 7 1 100
api GET "/order/$ORDER" "$TOKEN_bea"
is "$BODY" "$BOUGHT" "it is what the buyer was told"
api GET "/order/$ORDER" "$TOKEN_sid"
json_is '[.lines[].name]' '["Book"]' "a seller sees the lines of their own"
json_is .total '{"amount":500,"currency":"EUR"}' "and what they come to"

story "All or none"
order "$(line "$LAMP"),$(line "$BOOK" 2),$(line "$MIRROR")"
is_problem 409 insufficient_stock
json_is '[.item_id, .available]' "[\"$BOOK\",1]" "which one, and how many there are"
stocks 7 1 100
order "$(line "$LAMP"),$(line "$BOOK" 1 '"expected_price":{"amount":499,"currency":"EUR"}')"
is_problem 409 price_changed
json_is '[.item_id, .price]' "[\"$BOOK\",{\"amount\":500,\"currency\":\"EUR\"}]" "which one, and its price"
stocks 7 1 100
order "$(line "$LAMP"),$(line "$ORDER")"
is_problem 404 not_found
json_is .item_id "$ORDER" "which one is none"
stocks 7 1 100

story "One currency"
order "$(line "$LAMP"),$(line "$KIMONO"),$(line "$BOOK")" -H "Idempotency-Key: $RUN_ID-mixed"
is_problem 422 validation_failed
json_is '[.errors[] | [.pointer, .code]]' '[["/lines/1/item_id","not_allowed"]]'
stocks 7 1 100
order "$(line "$LAMP")" -H "Idempotency-Key: $RUN_ID-mixed"
is_status 201 "the key was not kept for it"
stocks 6 1 100

story "A total beyond all bounds"
order "$(line "$MIRROR" 6),$(line "$LAMP")"
is_status 201 "up to the bound"
order "$(line "$LAMP"),$(line "$MIRROR" 7)"
is_problem 422 validation_failed
has_field_fault /lines/1/quantity out_of_range
stocks 5 1 94

story "Requests that are none"
while IFS='|' read -r body pointer code; do
	api POST /order "$TOKEN_bea" "$body"
	is_problem 422 validation_failed "$body"
	has_field_fault "$pointer" "$code"
done <<END
{}|/lines|required
{"lines":[]}|/lines|too_short
{"lines":[$(line "$LAMP"),$(line "$BOOK"),$(line "$LAMP" 2)]}|/lines/2/item_id|duplicate
{"lines":[$(line "$LAMP" 1001)]}|/lines/0/quantity|out_of_range
{"lines":[$(line "$LAMP" 0)]}|/lines/0/quantity|out_of_range
{"lines":[{"item_id":"lamp","quantity":1}]}|/lines/0/item_id|bad_format
{"lines":[{"item_id":"$LAMP"}]}|/lines/0/quantity|required
{"lines":[$(line "$LAMP" 1 '"note":"x"')]}|/lines/0/note|unknown_field
{"lines":[$(line "$LAMP")],"coupon":"x"}|/coupon|unknown_field
END
api POST /order "$TOKEN_bea" "{\"lines\":[$(line "$LAMP" 0),$(line "$BOOK" 0)],\"coupon\":1}"
json_is '.errors | length' 3 "every fault is told"
api POST /order "$TOKEN_bea" "$(jq -nc '{lines: [range(51) | {item_id:
	"0190e2b0-1111-7222-8333-4444555566\(10 + .)", quantity: 1}]}')"
is_problem 422 validation_failed
has_field_fault /lines too_long
api POST /order "$TOKEN_bea"
is_problem 400 malformed_request "no body"
api POST /order '' "{\"lines\":[$(line "$LAMP")]}"
is_problem 401 missing_token
stocks 5 1 94

story "Once under a key"
order "$(line "$LAMP" 2),$(line "$BOOK")" -H "Idempotency-Key: $RUN_ID-two"
is_status 201
first=$BODY
order "$(line "$LAMP" 2),$(line "$BOOK")" -H "Idempotency-Key: $RUN_ID-two"
is_status 201
is "$BODY" "$first" "the first answer, byte for byte"
header_is Idempotency-Replayed true
stocks 3 0 94
order "$(line "$LAMP" 2)" -H "Idempotency-Key: $RUN_ID-two"
is_problem 422 idempotency_key_reused "another order"
api POST "/buy/$LAMP" "$TOKEN_bea" '{"quantity":2}' -H "Idempotency-Key: $RUN_ID-two"
is_problem 422 idempotency_key_reused "another operation"
THING='{"name":"Thing","price":{"amount":1,"currency":"EUR"},"stock":1}'
api POST /item "$TOKEN_bea" "$THING" -H "Idempotency-Key: $RUN_ID-two"
is_problem 422 idempotency_key_reused "an item, under an order's key"
api POST /item "$TOKEN_bea" "$THING" -H "Idempotency-Key: $RUN_ID-item"
is_status 201
order "$(line "$LAMP")" -H "Idempotency-Key: $RUN_ID-item"
is_problem 422 idempotency_key_reused "an order, under an item's key"
api POST "/buy/$LAMP" "$TOKEN_bea" '' -H "Idempotency-Key: $RUN_ID-item"
is_problem 422 idempotency_key_reused "a purchase"
api POST /item "$TOKEN_bea" "$THING" -H "Idempotency-Key: $RUN_ID-item"
is_status 201
header_is Idempotency-Replayed true "which still has its own answer"
order "$(line "$LAMP"),$(line "$BOOK")" -H "Idempotency-Key: $RUN_ID-none"
is_problem 409 insufficient_stock
first=$BODY
order "$(line "$LAMP"),$(line "$BOOK")" -H "Idempotency-Key: $RUN_ID-none"
is "$BODY" "$first" "a refusal is kept, too"
header_is Idempotency-Replayed true
stocks 3 0 94

story "Fifty lines"
lines=
for i in {1..50}; do
	new_item ann "{\"name\":\"Thing $i\",\"price\":{\"amount\":$i,\"currency\":\"EUR\"},\"stock\":1}"
	lines+=${lines:+,}$(line "$ITEM")
done
order "$lines"
is_status 201
json_is '[(.lines | length), .total.amount]' '[50,1275]'
order "$lines"
is_problem 409 insufficient_stock "once"

done_testing
