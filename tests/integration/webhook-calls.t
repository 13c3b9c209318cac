#!/bin/bash
# Webhooks, from the purchase to the endpoint: signed, to whom they concern, and whatever the endpoint
# does, nobody else waits for it.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/receiver.sh
. "$(dirname "$0")/receiver.sh"
# shellcheck source=tests/integration/settings.sh
. "$(dirname "$0")/settings.sh"
use_stack
start_receiver
trap 'usual_settings; stop_receiver; rm -rf "$STORY_DIR"' EXIT

PATIENCE_S=10
ALL=item.created,item.updated,order.created

new_user ben
new_user sam
new_user tom
new_item sam '{"name":"Lamp","stock":1000}'
LAMP=$ITEM
new_item tom '{"name":"Chair","stock":1000}'
CHAIR=$ITEM

buy() { # ITEM
	api POST "/buy/$1" "$TOKEN_ben" '{"quantity":1}' -H "traceparent: 00-$TRACE-00f067aa0ba902b7-01"
	[ "$STATUS" = 201 ] || bail_answer "can't buy"
	ORDER=$(json .id)
}
TRACE=4bf92f3577b34da6a3ce929d0e0e4736

story "A purchase reaches its buyer and its sellers"
new_webhook ben whole order.created
new_webhook sam sams "$ALL"
new_webhook tom toms "$ALL"
new_webhook tom deaf item.deleted
api POST /order "$TOKEN_ben" "{\"lines\":[{\"item_id\":\"$LAMP\",\"quantity\":1},{\"item_id\":\"$CHAIR\",\"quantity\":2}]}" \
	-H "traceparent: 00-$TRACE-00f067aa0ba902b7-01"
is_status 201
ORDER=$(json .id)
for name in whole sams toms; do
	ok "$name is called" eventually "$PATIENCE_S" called "$name" 1
	is "$(call $name .signed_by)" "[0]" "signed by its own secret"
	is "$(call $name .signatures)" 1 "once"
	is "$(call $name .late)" false "now"
	is "$(call $name '.event | .type, .data.order.id' | tr '\n' ' ')" "order.created $ORDER " "with the event"
	is "$(call $name '.headers["webhook-id"] == .event.id')" true "by whose id it is known"
	is "$(call $name '.headers.traceparent' | cut -d- -f2)" "$TRACE" "and the trace goes on"
	is "$(call $name '.headers["content-type"]')" "application/cloudevents+json; charset=utf-8" "as what it is"
	ok "it is noted as sent" eventually "$PATIENCE_S" delivery_is $name "state, status_code" "sent|204"
done
is "$(call whole '[.event.data.order.lines[].name] | sort')" '["Chair","Lamp"]' "the buyer sees all lines"
is "$(call sams '[.event.data.order.lines[].name]')" '["Lamp"]' "a seller their own"
is "$(call toms '[.event.data.order.lines[].name]')" '["Chair"]' "the other seller theirs"
is "$(call toms '.event.data.order.total.amount')" 3998 "and their own total"
is "$(calls deaf)" 0 "what was not subscribed to does not come"

story "While a secret rotates, both sign"
other=$(a_secret)
sql "UPDATE webhooks SET previous_secret = secret, secret = '$other',
	previous_secret_until = now() + interval '1 day' WHERE id = '$HOOK_whole'"
echo "$other" >>"$RECEIVER_DIR/secrets/whole"
buy "$LAMP"
ok "called with both" eventually "$PATIENCE_S" called whole 1 '.signatures == 2 and .signed_by == [0, 1]'
sql "UPDATE webhooks SET previous_secret_until = now() - interval '1 second' WHERE id = '$HOOK_whole'"
buy "$LAMP"
ok "afterwards with the new one alone" eventually "$PATIENCE_S" called whole 1 '.signatures == 1 and .signed_by == [1]'

story "An endpoint that fails is called again, and what it said is kept"
new_webhook ben failing order.created 'status=500&first=1&size=3000'
buy "$LAMP"
# The second attempt is soon, and must not hide the first.
ok "it is noted" eventually "$PATIENCE_S" sql_is "try_later|500|1024|" \
	"SELECT result, status_code, length(response), detail FROM attempts JOIN jobs ON jobs.id = job_id
	WHERE recipient = '$HOOK_failing' AND number = 1"
ok "the second time it works" eventually 20 delivery_is failing "state, number, status_code" "sent|2|204"
is "$(calls failing '.signed_by == [0]')" 2 "both calls are signed"
is "$(jq -rn '[inputs | select(.name == "failing") | .headers["webhook-id"]] | unique | length' "$RECEIVER_DIR/calls")" \
	1 "under one id"
is "$(sql "SELECT failing_since IS NULL FROM webhooks WHERE id = '$HOOK_failing'")" t "and it counts as well again"

story "It may say when"
new_webhook ben busy order.created 'status=429&retry_after=600'
new_webhook ben moved order.created "status=302&location=$RECEIVER/elsewhere"
buy "$LAMP"
ok "Retry-After is honoured" eventually "$PATIENCE_S" delivery_is busy \
	"status_code, due_at - attempt.at BETWEEN '590 s' AND '670 s'" "429|t"
story "A redirect is not followed"
ok "it is a failure" eventually "$PATIENCE_S" delivery_is moved \
	"result, status_code, detail" "try_later|302|redirects are not followed"
is "$(calls elsewhere)" 0 "nobody else is called"

story "410 ends it, and its owner hears of it"
new_webhook ben gone order.created 'status=410'
buy "$LAMP"
ok "the delivery is given up" eventually "$PATIENCE_S" delivery_is gone "state, status_code" "failed|410"
is "$(sql "SELECT status, disabled_reason FROM webhooks WHERE id = '$HOOK_gone'")" \
	"disabled|the endpoint answered 410 Gone" "the webhook is disabled"
ok "the event is relayed" eventually "$PATIENCE_S" sql_is 0 "SELECT count(*) FROM outbox"
buy "$LAMP"
ok "others are called" eventually "$PATIENCE_S" delivery_is whole "state" "sent"
is "$(calls gone)" 1 "it is not"

ok "its owner has a mail" eventually "$PATIENCE_S" mail_to "$EMAIL_ben" webhook_disabled

story "Five days of failures end it, too"
new_webhook ben dead order.created 'status=500'
sql "UPDATE webhooks SET failing_since = now() - interval '5 days' WHERE id = '$HOOK_dead'"
buy "$LAMP"
ok "it is disabled" eventually "$PATIENCE_S" sql_is disabled \
	"SELECT status FROM webhooks WHERE id = '$HOOK_dead'"

story "One that hangs delays nobody"
# Longer than these purchases and their calls take on a busy host.
with notifier WEBHOOK_TIMEOUT=60000
new_webhook ben hanging order.created 'hang=1'
for _ in 1 2 3 4 5 6; do buy "$LAMP"; done
ok "four of its deliveries are under way" eventually "$PATIENCE_S" called hanging 4
before=$(calls sams)
buy "$LAMP"
ok "another endpoint gets its own meanwhile" eventually 10 called sams $((before + 1))
is "$(calls hanging)" 4 "while it has four at a time at most"
without notifier
with notifier WEBHOOK_TIMEOUT=3000
ok "it is given up in time" eventually "$PATIENCE_S" delivery_is hanging "result, status_code, detail" \
	"try_later||no answer within 3000 ms"

story "Private addresses are not called"
without notifier
with notifier WEBHOOK_ALLOW_PRIVATE=false
port=${RECEIVER##*:}
new_webhook ben loopback order.created '' "http://127.0.0.1:$port"
new_webhook ben named order.created '' "http://localhost:$port"
new_webhook ben mapped order.created '' "http://[::ffff:127.0.0.1]:$port"
new_webhook ben metadata order.created '' "http://169.254.169.254"
buy "$LAMP"
for name in loopback named mapped; do
	ok "$name is refused" eventually "$PATIENCE_S" delivery_is $name "result, status_code, detail" \
		"try_later||not called: it is at a loopback address"
	is "$(calls $name)" 0 "and gets nothing"
done
ok "metadata too" eventually "$PATIENCE_S" delivery_is metadata "detail ~ '^not called: it is at a'" t
without notifier

done_testing
