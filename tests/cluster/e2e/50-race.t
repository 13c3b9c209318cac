#!/bin/bash
# Three pods of items sell the last units of a thing.
# shellcheck source=tests/cluster/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

story "items on three pods"
kc scale deployment/shop-items --replicas=3 >/dev/null
ok "they come up" quietly kc rollout status deployment/shop-items --timeout=120s
new_user seller
new_user buyer

race() { # REQUESTS KEY: so many at once; their answers' statuses are in raced
	local i pids=()
	rm -rf "$STORY_DIR/race"
	mkdir "$STORY_DIR/race"
	for ((i = 0; i < $1; i++)); do
		curl -s -o "$STORY_DIR/race/$i" -w '%{http_code}\n' --max-time 60 --noproxy '*' -X POST \
			-H "Authorization: Bearer $TOKEN_buyer" ${2:+-H "Idempotency-Key: $2"} "$GATEWAY_URL/buy/$ITEM" \
			>"$STORY_DIR/race/status-$i" &
		pids+=($!)
	done
	wait "${pids[@]}"
	cat "$STORY_DIR"/race/status-* | sort | uniq -c | awk '{ print $2 ":" $1 }' | paste -sd ' ' >"$STORY_DIR/raced"
}

story "Eighty want the last thirty"
new_item seller '{"stock":30}'
race 80
is "$(cat "$STORY_DIR/raced")" '201:30 409:50' "thirty get one"
is "$(cat "$STORY_DIR"/race/[0-9]* | grep -o '"code":"[a-z_]*"' | sort -u)" '"code":"insufficient_stock"' \
	"to the others it is sold out"
api GET "/item/$ITEM"
json_is .stock 0
api GET /stats/sales "$TOKEN_seller"
json_is '[.data[].units] | add' 30 "thirty are sold"

story "Twenty times the same purchase at once"
new_item seller '{"stock":30}'
race 20 "the-same-$RUN_ID"
is "$(tr ' ' '\n' <"$STORY_DIR/raced" | grep -vE '^(201|409):' | paste -sd ' ')" '' "is answered, or is under way"
race 20 "the-same-$RUN_ID"
is "$(cat "$STORY_DIR/raced")" '201:20' "and later answered every time"
is "$(cat "$STORY_DIR"/race/[0-9]* | grep -o '^{"id":"[^"]*"' | sort -u | wc -l)" 1 "by one order"
api GET "/item/$ITEM"
json_is .stock 29

story "All three"
while read -r pod; do
	ok "$pod has sold some" [ "$(kc get --raw "/api/v1/namespaces/$NAMESPACE/pods/$pod:8082/proxy/metrics" |
		awk '/^shop_http_requests_total\{route="buy[^"]*".*status="201"/ { sum += $2 } END { print sum + 0 }')" -gt 0 ]
done < <(pods items)
kc scale deployment/shop-items --replicas=2 >/dev/null

never_restarted
done_testing
