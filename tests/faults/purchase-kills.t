#!/bin/bash
# items.fcgi is killed at twenty random moments while a crowd is buying.
# shellcheck source=tests/faults/lib/purchase.sh
. "$(dirname "$0")/lib/purchase.sh"
use_stack

stack set items "${QUICK[@]}"
stack restart items
new_market 20
begin
story "kill -9, twenty times"
new_item seller '{"stock":100000}'

# The crowd is as large as it takes: it goes on until the last kill.
goes_on() {
	while [ ! -e "$STORY_DIR/enough" ]; do
		crowd 200 50 || return 1
		cat "$OUTCOMES" >>"$STORY_DIR/all"
	done
	mv "$STORY_DIR/all" "$OUTCOMES"
}
goes_on &
crowd_job=$!
kills=0
for _ in {1..20}; do
	pid=$(items_pid) || bail "items does not run"
	# Not a wait for anything: a moment that nothing in the program decides.
	perl -e 'select(undef, undef, undef, 0.05 + rand(0.7))'
	kill -KILL "$pid" && kills=$((kills + 1))
	eventually 20 is_another "$pid" || bail "lighttpd did not start items again"
done
: >"$STORY_DIR/enough"
ok "every buyer is told, in spite of it" wait "$crowd_job"
is "$kills" 20 "it was killed 20 times"
note "$(wc -l <"$OUTCOMES") buyers, of whom $(awk '$4 > 1' "$OUTCOMES" | wc -l) had to ask again"
ok "some had to ask again" grep -q ' [2-9][0-9]*$' "$OUTCOMES"
is "$(outcomes 201)" "$(wc -l <"$OUTCOMES")" "all of them have bought"
holds 100000
events_arrived

story "The same with stock that runs out"
rm -f "$STORY_DIR/enough"
begin
new_item seller '{"stock":60}'
crowd 200 50 &
crowd_job=$!
for _ in 1 2 3; do
	pid=$(items_pid) || bail "items does not run"
	perl -e 'select(undef, undef, undef, rand(0.3))'
	kill -KILL "$pid"
	eventually 20 is_another "$pid" || bail "lighttpd did not start items again"
done
ok "every buyer is told" wait "$crowd_job"
holds 60
is $(($(outcomes 201) + $(outcomes 409 insufficient_stock))) 200 "each has a lamp or hears that there is none"
events_arrived

stack set items REQUEST_TIMEOUT= RESERVATION_TTL=
stack restart items
done_testing
