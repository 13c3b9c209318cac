#!/bin/bash
# Two hundred people want fifty lamps at the same moment.
# shellcheck source=tests/faults/lib/purchase.sh
. "$(dirname "$0")/lib/purchase.sh"
use_stack

new_market 20
begin
story "200 buyers over 100 connections, stock 50"
new_item seller '{"stock":50}'
ok "every buyer is told" crowd 200 100
is "$(outcomes 201)" 50 "50 orders are confirmed"
is "$(outcomes 409 insufficient_stock)" 150 "150 are told that there is none left"
holds 50
is "$(store stock)" 0 "none is left"
is "$(store failed)" 150 "the 150 orders failed"
api GET "/item/$ITEM"
json_is .stock 0
events_arrived

story "Twenty of them, asking again under the same key"
while read -r key _ order _; do
	index=$(grep -n "^$key " "$OUTCOMES" | cut -d: -f1)
	token=$(sed -n "$(((index - 1) % 20 + 1))p" "$TOKENS")
	api POST "/buy/$ITEM" "$token" '{"quantity":1}' -H "Idempotency-Key: $key"
	[ "$STATUS $(json .id) $(header Idempotency-Replayed)" = "201 $order true" ] ||
		fail_answer "the first answer again" "201, order $order, Idempotency-Replayed: true"
	replays=$((${replays:-0} + 1))
done < <(awk '$2 == 201' "$OUTCOMES" | head -n 20)
is "${replays:-0}" 20 "all twenty asked"
look
is "$(store sold)" 50 "and nothing more is sold"

done_testing
