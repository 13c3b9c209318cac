#!/bin/bash
# The store stands still, or dies, while a crowd is buying: no outcome is assumed that is not known.
# shellcheck source=tests/faults/lib/purchase.sh
. "$(dirname "$0")/lib/purchase.sh"
use_stack

stack set items "${QUICK[@]}"
stack restart items
new_market 20

# secantusd-py takes five purchases a second.
BUYERS=600
! grep -q secantusd-py "/proc/$("$SHOP_ROOT/dev/stack" pid mongodb)/cmdline" || BUYERS=150

# While the crowd is buying, DO: a command.
meanwhile() {
	new_item seller '{"stock":1000}'
	crowd "$BUYERS" 60 &
	crowd_job=$!
	eventually 30 has_begun || bail "nobody buys"
	"$@"
	ok "every buyer is told" wait "$crowd_job"
	note "$(awk '$4 > 1' "$OUTCOMES" | wc -l) had to ask again"
	is "$(outcomes 201)" "$BUYERS" "all of them have bought"
	holds 1000
	events_arrived
}

# Longer than a request may take, and than a purchase may stay undecided: what was under way then
# arrives all at once, late.
stand_still() {
	local pid
	pid=$("$SHOP_ROOT/dev/stack" pid mongodb) || bail "no store runs"
	kill -STOP "$pid"
	# Not a wait for anything: the very time that it stands still.
	sleep 6
	api GET "$ITEMS_URL/readyz"
	is_status 503 "items says that it is not ready"
	json_is '[.checks[] | select(.ok | not) | .name] | join(" ")' mongodb "and names the store"
	kill -CONT "$pid"
}
story "The store stands still"
begin
meanwhile stand_still

die() {
	stack kill mongodb
	api GET "/item/$ITEM"
	is_problem 503 unavailable
	header_like Retry-After '^[0-9]+$'
	stack start mongodb
}
story "The store is killed, and started again"
begin
meanwhile die

story "Far more ask than there are workers, while the store stands still"
pid=$("$SHOP_ROOT/dev/stack" pid mongodb) || bail "no store runs"
for _ in {1..300}; do
	printf 'next\nurl = "%s"\noutput = /dev/null\nwrite-out = "%%{http_code} %%header{retry-after}\\n"\nsilent\nnoproxy = "*"\nmax-time = 20\n' \
		"$GATEWAY_URL/item/$ITEM"
done | sed 1d >"$STORY_DIR/burst"
kill -STOP "$pid"
curl --parallel --parallel-immediate --parallel-max 300 --config "$STORY_DIR/burst" \
	>"$STORY_DIR/answers" 2>"$STORY_DIR/curl"
kill -CONT "$pid"
is "$(grep -cE '^503 [0-9]+$' "$STORY_DIR/answers")" 300 "each hears in time that it is to come again"
api GET "/item/$ITEM"
is_status 200 "and is served when the store goes on"

stack set items REQUEST_TIMEOUT= RESERVATION_TTL=
stack restart items
done_testing
