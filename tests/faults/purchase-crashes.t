#!/bin/bash
# items.fcgi dies at each step of a purchase, as if by kill -9 between two writes.
# shellcheck source=tests/faults/lib/purchase.sh
. "$(dirname "$0")/lib/purchase.sh"
use_stack

new_market 8
# What the crowds want, one after another; while items dies nobody could list anything.
STOCKS=(20 20 20 20 3 3 3 20 20 10)
ITEMS=()
for stock in "${STOCKS[@]}"; do
	new_item seller "{\"stock\":$stock}"
	ITEMS+=("$ITEM")
done
api DELETE "/item/${ITEMS[6]}" "$TOKEN_seller"
is_status 204 "one of them is gone"
begin
stack set items "${QUICK[@]}"

# From now on items dies at each of these points, and at none of those before.
die_at() { # POINT...
	local pid
	count_crashes
	stack set items "CRASH_AT=$(IFS=, && printf '%s' "$*")"
	# One that runs has other settings; lighttpd starts the next.
	! pid=$(items_pid) || kill -KILL "$pid" 2>/dev/null
}
dies_at() { # POINT...
	local point
	for point; do
		ok "it dies at $point" eventually 60 has_died_at "$point"
	done
}
live_again() {
	stack set items CRASH_AT=
	stack restart items
}

# A crowd is let go in its story, and looked after when all of them were: what the dead leave behind
# takes its time to be swept up, and takes it for all at once.
CROWDS=()
let_go() { # BUYERS
	of_crowd ${#CROWDS[@]}
	crowd "$1" 8 &
	CROWDS+=($!)
}
look_after() { # CROWD'S NUMBER
	of_crowd "$1"
	ok "every buyer is told" wait "${CROWDS[$1]}"
}
of_crowd() {
	ITEM=${ITEMS[$1]} OUTCOMES=$STORY_DIR/outcomes-$1
}

# A step of a purchase that goes through: eight buyers, enough for all.
for point in purchase.claimed purchase.reserved purchase.confirmed relay.published; do
	story "Dying at $point"
	die_at "$point"
	let_go 8
	dies_at "$point"
done

# A step of a refusal: eight buyers, three lamps.
for point in purchase.released purchase.failed; do
	story "Dying at $point"
	die_at "$point"
	let_go 8
	dies_at "$point"
done

story "Dying at purchase.removed"
die_at purchase.removed
let_go 2
dies_at purchase.removed

# The sweeper's steps, one death after another: what the first left is in the next one's hands.
story "Dying at purchase.reserved, and then again and again while sweeping up"
die_at purchase.reserved sweep.failed sweep.freed
let_go 8
dies_at purchase.reserved sweep.failed sweep.freed

story "Dying at purchase.reserved, and when all is swept up"
die_at purchase.reserved sweep.released
let_go 8
dies_at purchase.reserved sweep.released

live_again
for number in 0 1 2 3 7 8; do
	story "Crowd $number, of eight who want some of twenty"
	look_after $number
	is "$(outcomes 201)" 8 "all have bought"
	holds 20
done
for number in 4 5; do
	story "Crowd $number, of eight who want some of three"
	look_after $number
	is "$(outcomes 409 insufficient_stock)" $((8 - $(outcomes 201))) "a lamp or a refusal for each"
	holds 3
	is "$(outcomes 201)" 3 "three have bought"
done
story "Crowd 6, of two who want what is gone"
look_after 6
is "$(outcomes 404)" 2 "it is gone for both"
holds 3
story "All of them"
OUTCOMES=$STORY_DIR/outcomes
cat "$OUTCOMES"-* >"$OUTCOMES"
events_arrived

# The sweeper's own crossing of the bound: what it was about to tell is found again, and told once.
told() { # USER-ID TEMPLATE COUNT
	[ "$(sql "SELECT count(*) FROM jobs WHERE template = '$2'
		AND recipient = '$1' AND created_at >= '$BEGAN'")" = "$3" ]
}
story "Dying at settle.low"
begin
die_at settle.low
let_go 8
dies_at settle.low
live_again
look_after 9
is "$(outcomes 201)" 8 "all have bought"
holds 10
# What is published later is told later: when this is, all that there was to tell of the lamp was.
new_user later
new_item later
ok "a later event is told" eventually 60 told "$ID_later" item_listed 1
ok "the seller was told once" told "$ID_seller" low_stock 1

story "An item is made under a key by a program that dies before it answers"
stack set items CRASH_AT=item.created REQUEST_TIMEOUT= RESERVATION_TTL=
stack restart items
count_crashes
key=$RUN_ID-item
lamp='{"name":"Lamp of '$RUN_ID'","price":{"amount":100,"currency":"EUR"},"stock":1}'
api POST /item "$TOKEN_seller" "$lamp" -H "Idempotency-Key: $key"
ok "it dies at item.created" eventually 20 has_died_at item.created
live_again
api POST /item "$TOKEN_seller" "$lamp" -H "Idempotency-Key: $key"
is_status 201
header_is Idempotency-Replayed true
api GET "/item?seller_id=$ID_seller&q=$RUN_ID&limit=100"
json_is '[.data[] | select(.name | startswith("Lamp of"))] | length' 1 "there is one such item"

done_testing
