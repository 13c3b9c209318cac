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
# What may come twice: a mail or a call that was under way in a notifier that died, or whose
# end could not be recorded while PostgreSQL was away.
EXTRA=40

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

story "A thousand events"
start_replica
start_replica
flood 0 &
ok "deliveries are under way" eventually 30 under_way 20
kill -KILL "${REPLICAS[0]}"
note "a notifier is killed"
wait $!
start_replica
for part in rabbitmq postgres smtp; do
	before=$(($(of_seller email) + $(of_seller webhook)))
	chunk=$((chunk + 1))
	flood "$chunk" &
	flood_job=$!
	ok "further ones are" eventually 30 under_way $((before + 20))
	stack kill "$part"
	note "$part is killed"
	stack start "$part"
	ok "all are published" wait "$flood_job"
done
ok "all are delivered" eventually 90 all_done
is "$(sql "SELECT count(*) FROM jobs WHERE state = 'failed' AND event_type = 'item.created'
	AND recipient IN ('${!seller}', '$HOOK_all')")" 0 "none is given up"

mails "${!email}" item_listed | tr '\n' '\0' | xargs -0r grep -h '^Message-ID:' >"$STORY_DIR/ids"
is "$(sort -u "$STORY_DIR/ids" | wc -l)" $((COUNT + 1)) "each has its mail"
twice=$(($(wc -l <"$STORY_DIR/ids") - COUNT - 1))
ok "hardly a mail comes twice ($twice), and under the same Message-ID" test "$twice" -le $EXTRA
jq -r 'select(.name == "all") | .headers["webhook-id"]' "$RECEIVER_DIR/calls" >"$STORY_DIR/hooks"
is "$(sort -u "$STORY_DIR/hooks" | wc -l)" $COUNT "each has its call"
twice=$(($(wc -l <"$STORY_DIR/hooks") - COUNT))
ok "hardly a call comes twice ($twice), and under the same webhook-id" test "$twice" -le $EXTRA
is "$(calls all '.signed_by != [0]')" 0 "every call is signed"

done_testing
