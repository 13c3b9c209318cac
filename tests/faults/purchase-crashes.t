#!/bin/bash
# items.fcgi dies at each step of a purchase, as if by kill -9 between two writes.
# shellcheck source=tests/faults/lib/purchase.sh
. "$(dirname "$0")/lib/purchase.sh"
use_stack

new_market 8

# dies_at POINT...: items dies at each of them while BUYERS buy; then it runs as it should.
dies_at() {
	local point points
	points=$(IFS=,; printf '%s' "$*")
	stack set items "${QUICK[@]}" "CRASH_AT=$points"
	stack restart items
	count_crashes
	crowd "$BUYERS" 8 120 &
	crowd_job=$!
	for point; do
		ok "it dies at $point" eventually 60 has_died_at "$point"
	done
	stack set items CRASH_AT=
	stack restart items
}

# A step of a purchase that goes through: eight buyers, enough for all.
for point in purchase.claimed purchase.reserved purchase.confirmed relay.published; do
	story "Dying at $point"
	BUYERS=8
	begin
	new_item seller '{"stock":20}'
	dies_at "$point"
	ok "every buyer is told" wait "$crowd_job"
	is "$(outcomes 201)" 8 "all have bought"
	holds 20
	events_arrived
done

# A step of a refusal: eight buyers, three lamps.
for point in purchase.released purchase.failed; do
	story "Dying at $point"
	BUYERS=8
	begin
	new_item seller '{"stock":3}'
	dies_at "$point"
	ok "every buyer is told" wait "$crowd_job"
	is "$(outcomes 409 insufficient_stock)" $((8 - $(outcomes 201))) "a lamp or a refusal for each"
	holds 3
	is "$(outcomes 201)" 3 "three have bought"
	events_arrived
done

story "Dying at purchase.removed"
BUYERS=2
begin
new_item seller '{"stock":3}'
archived=$ITEM
api DELETE "/item/$ITEM" "$TOKEN_seller"
is_status 204
dies_at purchase.removed
ok "every buyer is told" wait "$crowd_job"
is "$(outcomes 404)" 2 "it is gone for both"
ITEM=$archived
holds 3

# The sweeper's steps, one death after another: what the first left is in the next one's hands.
story "Dying at purchase.reserved, and then again and again while sweeping up"
BUYERS=8
begin
new_item seller '{"stock":20}'
dies_at purchase.reserved sweep.failed sweep.freed
ok "every buyer is told" wait "$crowd_job"
is "$(outcomes 201)" 8 "all have bought"
holds 20
events_arrived

story "Dying at purchase.reserved, and when all is swept up"
begin
new_item seller '{"stock":20}'
dies_at purchase.reserved sweep.released
ok "every buyer is told" wait "$crowd_job"
is "$(outcomes 201)" 8 "all have bought"
holds 20
events_arrived

# The sweeper's own crossing of the bound: what it was about to tell is found again, and told once.
told_low() {
	[ "$(sql "SELECT count(*) FROM jobs WHERE template = 'low_stock'
		AND recipient = '$ID_seller' AND created_at >= '$BEGAN'")" = 1 ]
}
story "Dying at settle.low"
begin
new_item seller '{"stock":10}'
dies_at settle.low
ok "every buyer is told" wait "$crowd_job"
is "$(outcomes 201)" 8 "all have bought"
holds 10
ok "the seller is told once" eventually 20 told_low

story "An item is made under a key by a program that dies before it answers"
stack set items CRASH_AT=item.created
stack restart items
count_crashes
key=$RUN_ID-item
lamp='{"name":"Lamp of '$RUN_ID'","price":{"amount":100,"currency":"EUR"},"stock":1}'
api POST /item "$TOKEN_seller" "$lamp" -H "Idempotency-Key: $key"
ok "it dies at item.created" eventually 20 has_died_at item.created
stack set items CRASH_AT= REQUEST_TIMEOUT= RESERVATION_TTL=
stack restart items
api POST /item "$TOKEN_seller" "$lamp" -H "Idempotency-Key: $key"
is_status 201
header_is Idempotency-Replayed true
api GET "/item?seller_id=$ID_seller&q=$RUN_ID&limit=100"
json_is '[.data[] | select(.name | startswith("Lamp of"))] | length' 1 "there is one such item"

done_testing
