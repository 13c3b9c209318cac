#!/bin/bash
# items.fcgi dies at each step of an order of many lines, of its cancellation and of its refund.
# shellcheck source=tests/faults/lib/purchase.sh
. "$(dirname "$0")/lib/purchase.sh"
use_stack

new_market 8

# start_to_die POINT...: from now on items dies at whichever of them it comes to.
start_to_die() {
	stack set items "${QUICK[@]}" "CRASH_AT=$(IFS=, && printf '%s' "$*")"
	stack restart items
	count_crashes
}
live_again() {
	stack set items CRASH_AT=
	stack restart items
}

story "Dying between the lines of a purchase, and while sweeping up"
new_items 5 20
LINES_EACH=3
start_to_die purchase.reserving sweep.failed
crowd 8 8 &
crowd_job=$!
for point in purchase.reserving sweep.failed; do
	ok "it dies at $point" eventually 60 has_died_at "$point"
done
live_again
ok "every buyer is told" wait "$crowd_job"
is "$(outcomes 201)" 8 "all have bought"
all_hold 20
is "$SOLD" 24 "three things each"

# The orders that the next stories give up.
next_order() {
	order=$(awk '$2 == 201 && ++n == '"$1"' { print $3 }' "$OUTCOMES")
	token=$(sed -n "$(awk '$2 == 201 && ++n == '"$1"' { print NR }' "$OUTCOMES")p" "$TOKENS")
}
# dies_giving_back STEP TOKEN POINT...: dies at each while ORDER takes the step; then it is taken.
dies_giving_back() {
	local step=$1 by=$2 point
	shift 2
	start_to_die "$@"
	api POST "/order/$order/$step" "$by"
	ok "no answer is given" [ "${STATUS:0:1}" != 2 ]
	for point; do
		ok "it dies at ${point%:*}" eventually 60 has_died_at "${point%:*}"
	done
	live_again
}
# gone_back STEP TOKEN SOLD: its stock is back, and stays so however often that is tried.
gone_back() {
	all_hold 20
	is "$SOLD" "$3" "three things are back"
	api POST "/order/$order/$1" "$2"
	is_problem 409 invalid_transition "once"
	all_hold 20
	is "$SOLD" "$3" "and they are back once"
}

story "Dying when a cancellation is written, and while its stock is swept up"
next_order 1
dies_giving_back cancel "$token" order.moved return.given
gone_back cancel "$token" 21

story "Dying when all of a cancelled order's stock is back"
next_order 2
dies_giving_back cancel "$token" return.forgotten
gone_back cancel "$token" 18

story "Dying while a refund's stock goes back"
next_order 3
dies_giving_back refund "$TOKEN_seller" return.given
gone_back refund "$TOKEN_seller" 15

stack set items REQUEST_TIMEOUT= RESERVATION_TTL=
stack restart items
done_testing
