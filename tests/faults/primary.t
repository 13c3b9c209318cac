#!/bin/bash
# MongoDB is a replica set whose primary steps down while people buy: until another is elected each
# request hears in time that it is to come again; then all goes on, and nothing is lost or done twice.
# shellcheck source=tests/faults/lib/purchase.sh
. "$(dirname "$0")/lib/purchase.sh"
# shellcheck source=tests/integration/settings.sh
. "$SHOP_ROOT/tests/integration/settings.sh"
use_stack

end_set() {
	usual_settings
	kill "$SET_PID" 2>/dev/null
	rm -rf "$STORY_DIR"
}
trap end_set EXIT

elect() { # 0|1|nobody
	echo "$1" >"$STORY_DIR/elected"
	mv "$STORY_DIR/elected" "$STORY_DIR/primary"
}

members=("$(free_port)" "$(free_port)")
elect 0
"$BUILD/tests/primary" "$STORY_DIR/primary" "$MONGODB_PORT" "${members[@]}" 2>"$STORY_DIR/set" &
SET_PID=$!
with items "${QUICK[@]}" \
	"MONGODB_URI=mongodb://127.0.0.1:${members[0]},127.0.0.1:${members[1]}/?replicaSet=shop"
ok "items is ready, with a replica set" eventually 20 is_ready "$ITEMS_URL"
new_market 3
new_user early
new_item seller '{"stock":10}'

# Answers that say that the shop is broken.
count_500() {
	grep -c '"status":500' "$LOG_DIR/items.log"
}
before=$(count_500)

buy() { # KEY
	api POST "/buy/$ITEM" "$TOKEN_early" '{"quantity":2}' -H "Idempotency-Key: $1"
}
has_bought() { # KEY
	buy "$1"
	[ "$STATUS" = 201 ]
}

story "The primary steps down, and nobody is elected yet"
ok "a purchase under the first primary" eventually 20 has_bought "before-$RUN_ID"
elect nobody
buy "during-$RUN_ID"
is_problem 503 unavailable "buying"
header_like Retry-After '^[1-9][0-9]*$' "with Retry-After"
for request in "GET /item/$ITEM" "GET /order" "GET /stats/sales"; do
	read -r method path <<<"$request"
	api "$method" "$path" "$TOKEN_early"
	is_problem 503 unavailable "$request"
	header_like Retry-After '^[1-9][0-9]*$' "with Retry-After"
done
api GET "$ITEMS_URL/readyz"
is_status 503 "and items is not ready"

story "The other member is elected"
elect 1
ok "the same request buys" eventually 20 has_bought "during-$RUN_ID"
api GET "/item/$ITEM"
json_is .stock 6 "once"
ok "and items is ready" eventually 20 is_ready "$ITEMS_URL"

story "Elections while a crowd is buying"
begin
new_item seller '{"stock":1000}'
crowd 200 20 &
crowd_job=$!
eventually 30 has_begun || bail "nobody buys"
for next in 0 1; do
	elect nobody
	api GET "/item/$ITEM"
	is_problem 503 unavailable "the primary has stepped down"
	elect "$next"
	ok "there is another" eventually 20 is_ready "$ITEMS_URL"
done
ok "every buyer is told" wait "$crowd_job"
note "$(awk '$4 > 1' "$OUTCOMES" | wc -l) had to ask again"
is "$(outcomes 201)" 200 "all of them have bought"
is "$(count_500)" "$before" "what a former primary refused was never taken for a fault"
holds 1000
events_arrived

done_testing
