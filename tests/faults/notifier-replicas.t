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
# What may come twice is what was under way when the notifier or the mail server was killed: in the
# notifier that did not live to note it, or in all three, where the mail server did not to say 250.
export WORKERS=4 WEBHOOK_ENDPOINT_TRANSFERS=4
declare -A UNNOTED_MOST=([email]=$WORKERS [webhook]=$WEBHOOK_ENDPOINT_TRANSFERS)
declare -A UNANSWERED_MOST=([email]=$((3 * WORKERS)) [webhook]=0)

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

# The events whose jobs are leased, and not for a second time.
held() { # CHANNEL
	sql "SELECT event_id FROM jobs WHERE channel = '$1' AND event_type = 'item.created'
		AND state = 'queued' AND attempts = 1 AND due_at > now()" >"$STORY_DIR/held-$1"
}

# explain CHANNEL EVENTS: a job's own history must tell why its event came more often than once.  An
# attempt of which nothing is noted was the dead notifier's, if that held the job; one that got no
# answer since the mail server was killed may have been heard nevertheless.  Sets UNNOTED and
# UNANSWERED, how many came again by either, and UNEXPLAINED: those that came more often than that.
explain() {
	local count event held again="(NULL::uuid, 0, false)"
	while read -r count event; do
		held=false
		! grep -qx "$event" "$STORY_DIR/held-$1" || held=true
		again+=", ('$event', $count, $held)"
	done < <(sort "$2" | uniq -cd)
	IFS='|' read -r UNNOTED UNANSWERED UNEXPLAINED < <(sql "
		WITH again (event_id, copies, held) AS (VALUES $again),
		history AS (SELECT event_id, copies, held AND count(number) < attempts AS unnoted,
			count(number) FILTER (WHERE result = 'try_later' AND at >= '${KILLED[smtp]}') AS unanswered
			FROM again JOIN jobs USING (event_id) LEFT JOIN attempts a ON job_id = id
			WHERE channel = '$1' GROUP BY again.event_id, copies, held, jobs.id)
		SELECT count(*) FILTER (WHERE unnoted), count(*) FILTER (WHERE unanswered > 0),
			string_agg(event_id::text, ' ') FILTER (WHERE copies > 1 + unnoted::integer + unanswered)
		FROM history")
}

story "A thousand events"
start_replica
start_replica
flood 0 &
flood_job=$!
ok "deliveries are under way" eventually 30 under_way 20
kill -KILL "${REPLICAS[0]}"
note "a notifier is killed"
held email
held webhook
wait "$flood_job"
start_replica
declare -A KILLED
for part in rabbitmq postgres smtp; do
	before=$(($(of_seller email) + $(of_seller webhook)))
	chunk=$((chunk + 1))
	flood "$chunk" &
	flood_job=$!
	ok "further ones are" eventually 30 under_way $((before + 20))
	KILLED[$part]=$(sql "SELECT now()")
	stack kill "$part"
	note "$part is killed"
	stack start "$part"
	ok "all are published" wait "$flood_job"
done
ok "all are delivered" eventually 90 all_done
is "$(sql "SELECT count(*) FROM jobs WHERE state = 'failed' AND event_type = 'item.created'
	AND recipient IN ('${!seller}', '$HOOK_all')")" 0 "none is given up"

mails "${!email}" item_listed | tr '\n' '\0' | xargs -0 grep -h -m 1 '^Message-ID:' |
	sed 's/^Message-ID: *<//; s/\..*//' >"$STORY_DIR/came-email"
jq -r 'select(.name == "all") | .headers["webhook-id"]' "$RECEIVER_DIR/calls" >"$STORY_DIR/came-webhook"
is "$(sort -u "$STORY_DIR/came-email" | wc -l)" $((COUNT + 1)) "each has its mail"
is "$(sort -u "$STORY_DIR/came-webhook" | wc -l)" $COUNT "each has its call"
for channel in email webhook; do
	explain $channel "$STORY_DIR/came-$channel"
	ok "$UNNOTED of $channel come twice, as who had sent them was killed" \
		test "$UNNOTED" -le "${UNNOTED_MOST[$channel]}"
	ok "and $UNANSWERED, as the server was" test "$UNANSWERED" -le "${UNANSWERED_MOST[$channel]}"
	is "$UNEXPLAINED" '' "none for another reason"
done
is "$(calls all '.signed_by != [0]')" 0 "every call is signed"

done_testing
