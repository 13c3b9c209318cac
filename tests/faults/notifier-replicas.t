#!/bin/bash
# Three notifiers beside each other, a thousand events, and everything around them is killed in turn:
# each event's mail and webhook arrive.
# shellcheck source=tests/faults/lib/notifier.sh
. "$(dirname "$0")/lib/notifier.sh"
# shellcheck source=tests/integration/receiver.sh
. "$(dirname "$0")/../integration/receiver.sh"
use_stack
start_receiver
trap 'stop_replicas; stop_receiver; rm -rf "$STORY_DIR"' EXIT

COUNT=1000
CHUNK=250
chunk=0
# What may come twice is what was under way when a part was killed, and was not noted: in the notifier
# that died, or in all three, where the mail server did not live to say 250, or PostgreSQL to hear of it.
export WORKERS=4 WEBHOOK_ENDPOINT_TRANSFERS=4
declare -A MAILS_AGAIN=([notifier]=4 [rabbitmq]=0 [postgres]=0 [smtp]=12 [nobody]=0)
declare -A CALLS_AGAIN=([notifier]=4 [rabbitmq]=0 [postgres]=0 [smtp]=0 [nobody]=0)

export AMQP_URL SMTP_URL
REPLICAS=()
start_replica() {
	DATABASE_URL=$NOTIFIER_DATABASE_URL HEALTH_ADDRESS=127.0.0.1:0 PUBLIC_URL=$GATEWAY_URL \
		WEBHOOK_ALLOW_HTTP=true WEBHOOK_ALLOW_PRIVATE=true \
		"$BUILD/notifier" >>"$STORY_DIR/replica.log" 2>&1 &
	REPLICAS+=($!)
}
stop_replicas() {
	kill "${REPLICAS[@]}" 2>/dev/null
	wait "${REPLICAS[@]}" 2>/dev/null
}

new_trade replicas
seller=ID_$SELLER email=EMAIL_$SELLER
new_webhook "$SELLER" all item.created
api GET "/item/$ITEM"
sql "SELECT gen_random_uuid() FROM generate_series(1, $COUNT)" |
	jq -rRc --argjson item "$(json .)" '. as $id | "item.created \($id) " + ({specversion: "1.0", $id,
		source: "/items", type: "item.created", subject: $item.id, time: "2026-01-01T00:00:00.000Z",
		datacontenttype: "application/json", data: {$item}} | tojson)' >"$STORY_DIR/events"
is "$(wc -l <"$STORY_DIR/events")" $COUNT "so many events are ready"

flood() { # CHUNK'S NUMBER
	sed -n "$(($1 * CHUNK + 1)),$((($1 + 1) * CHUNK))p" "$STORY_DIR/events" | "$BUILD/tests/broker" flood
}
of_seller() { # CHANNEL
	local who=${!seller}
	[ "$1" = email ] || who=$HOOK_all
	sql "SELECT count(*) FROM jobs WHERE channel = '$1' AND recipient = '$who' AND state = 'sent'
		AND event_type = 'item.created'"
}
under_way() { # MORE THAN
	[ "$(($(of_seller email) + $(of_seller webhook)))" -gt "$1" ]
}
all_done() {
	[ "$(of_seller email)" -ge $((COUNT + 1)) ] && [ "$(of_seller webhook)" -ge "$COUNT" ]
}

# A part was killed and is back: what arrived before now, and comes again, is its doing.
is_back() { # PART
	printf '%s %s\n' "$(date +%s.%N)" "$1" >>"$STORY_DIR/parts"
}
# again PART FILE: how many of FILE's lines, TIME and ID, came again by PART's doing.
again() {
	sort -n "$2" | awk -v part="$1" 'NR == FNR { until[NR] = $1; name[NR] = $2; next }
		!($2 in first) { first[$2] = $1; next }
		{ for (i = 1; first[$2] > until[i]; i++); count += name[i] == part }
		END { print count + 0 }' "$STORY_DIR/parts" -
}

story "A thousand events"
start_replica
start_replica
flood 0 &
ok "deliveries are under way" eventually 30 under_way 20
kill -KILL "${REPLICAS[0]}"
note "a notifier is killed"
wait $!
start_replica
is_back notifier
for part in rabbitmq postgres smtp; do
	before=$(($(of_seller email) + $(of_seller webhook)))
	chunk=$((chunk + 1))
	flood "$chunk" &
	flood_job=$!
	ok "further ones are" eventually 30 under_way $((before + 20))
	stack kill "$part"
	note "$part is killed"
	stack start "$part"
	is_back "$part"
	ok "all are published" wait "$flood_job"
done
ok "all are delivered" eventually 90 all_done
is_back nobody
is "$(sql "SELECT count(*) FROM jobs WHERE state = 'failed' AND event_type = 'item.created'
	AND recipient IN ('${!seller}', '$HOOK_all')")" 0 "none is given up"

mails "${!email}" item_listed | tr '\n' '\0' | xargs -0 stat -c '%.9Y %n' |
	while read -r at file; do printf '%s %s\n' "$at" "$(grep -h -m 1 '^Message-ID:' "$file")"; done |
	sed 's/Message-ID: *//' >"$STORY_DIR/mails"
jq -r 'select(.name == "all") | "\(.at) \(.headers["webhook-id"])"' "$RECEIVER_DIR/calls" >"$STORY_DIR/hooks"
is "$(cut -d' ' -f2 "$STORY_DIR/mails" | sort -u | wc -l)" $((COUNT + 1)) "each has its mail"
is "$(cut -d' ' -f2 "$STORY_DIR/hooks" | sort -u | wc -l)" $COUNT "each has its call"
for part in notifier rabbitmq postgres smtp nobody; do
	twice=$(again $part "$STORY_DIR/mails")
	ok "after $part's death $twice mails come twice, under the same Message-ID" \
		test "$twice" -le "${MAILS_AGAIN[$part]}"
	twice=$(again $part "$STORY_DIR/hooks")
	ok "and $twice calls, under the same webhook-id" test "$twice" -le "${CALLS_AGAIN[$part]}"
done
is "$(calls all '.signed_by != [0]')" 0 "every call is signed"

done_testing
