#!/bin/bash
# Traces reach an OpenTelemetry collector as one tree, from the client's request to the last mail and
# webhook; and a collector that is away harms nobody.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/receiver.sh
. "$(dirname "$0")/receiver.sh"
# shellcheck source=tests/integration/settings.sh
. "$(dirname "$0")/settings.sh"
use_stack
start_receiver
mkdir "$STORY_DIR/collector"
: >"$STORY_DIR/collector/spans"
"$SHOP_ROOT/tests/contract/python" "$SHOP_ROOT/tests/integration/collector.py" "$STORY_DIR/collector" \
	>"$STORY_DIR/collector/port" 2>"$STORY_DIR/collector/errors" &
collector=$!
trap 'usual_settings; kill $collector; stop_receiver; rm -rf "$STORY_DIR"' EXIT
eventually 60 test -s "$STORY_DIR/collector/port" || bail "no collector: $(cat "$STORY_DIR/collector/errors")"
for program in auth items notifier; do
	with "$program" "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:$(<"$STORY_DIR/collector/port")/" \
		OTEL_BSP_SCHEDULE_DELAY=200
done

new_trace() {
	TRACE=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
}
# spans FILTER: of the trace, as one array.
spans() {
	jq -sc --arg trace "$TRACE" "map(select(.trace == \$trace)) | $1" "$STORY_DIR/collector/spans"
}
has_spans() { # COUNT FILTER
	[ "$(spans "map(select($2)) | length")" = "$1" ]
}
traced() { # METHOD PATH TOKEN BODY
	api "$@" -H "traceparent: 00-$TRACE-00f067aa0ba902b7-01" -H "X-Request-Id: traced-$RUN_ID"
}
# The way from a span up to the client's own: names, with their services.
way_of() { # FILTER
	spans ". as \$all | def up: . as \$s | [\$s.service + \" \" + \$s.name] +
		(first(\$all[] | select(.id == \$s.parent)) // null | if . then up else [\$s.parent] end);
		map(select($1))[0] | up | join(\" < \")" | tr -d '"'
}
client=00f067aa0ba902b7

story "Registering"
new_trace
traced POST /auth/register '' "{\"email\":\"ann-$RUN_ID@example.org\",\"password\":\"open sesame $RUN_ID\",\"name\":\"Ann\"}"
is_status 201
ok "the mail is in the trace" eventually 30 has_spans 1 '.name == "send email"'
ok "so is what came before it" eventually 30 has_spans 3 '.kind != "client"'
is "$(way_of '.name == "send email"')" \
	"notifier send email < notifier process notifier.account < auth POST /auth/register < $client" \
	"as a consequence of the request"

story "Buying"
new_user ben
new_user sam
new_item sam
new_webhook ben told order.created
new_trace
traced POST "/buy/$ITEM" "$TOKEN_ben" '{"quantity":1}'
is_status 201
ok "receipt, sold and webhook are in the trace" eventually 30 has_spans 3 '.kind == "client"'
ok "so is what came before them" eventually 30 has_spans 3 '.kind != "client"'
request="items POST /buy/{id} < $client"
is "$(way_of '.kind == "producer"')" "items publish shop.events < $request" "the event is published"
is "$(way_of '.attributes["shop.template"] == "receipt"')" \
	"notifier send email < notifier process notifier.shop < $request" "a receipt follows from it"
is "$(way_of '.attributes["shop.template"] == "sold"')" \
	"notifier send email < notifier process notifier.shop < $request" "and the seller's mail"
is "$(way_of '.name == "POST"')" "notifier POST < notifier process notifier.shop < $request" "and the webhook"
is "$(spans 'map(select(.name == "POST"))[0].id' | tr -d '"')" \
	"$(call told '.headers.traceparent' | cut -d- -f3)" "which is told that very step"
is "$(spans 'length == (map(.id) | unique | length)')" true "each step has an id of its own"
is "$(spans 'all(.[]; .start <= .end and (.failed | not))')" true "and none failed"
is "$(spans 'map(select(.kind == "server"))[0].attributes |
	[.["http.request.method"], .["http.route"], .["http.response.status_code"], .["shop.operation"], .["shop.request_id"]]')" \
	"[\"POST\",\"/buy/{id}\",\"201\",\"buyItem\",\"traced-$RUN_ID\"]" "the request says what it was"
is "$(spans 'map(select(.kind == "consumer"))[0].attributes | [.["messaging.system"], .["messaging.destination.name"]]')" \
	'["rabbitmq","notifier.shop"]' "and the message"

story "A client that does not sample"
new_trace
unsampled=$TRACE
api POST "/buy/$ITEM" "$TOKEN_ben" '{"quantity":1}' -H "traceparent: 00-$TRACE-$client-00"
is_status 201
new_trace
traced POST "/buy/$ITEM" "$TOKEN_ben" '{"quantity":1}'
ok "later steps are there" eventually 30 has_spans 3 '.kind == "client"'
TRACE=$unsampled
is "$(spans length)" 0 "its own are not"

complaints() {
	grep -c '"msg":"traces are not taken"' "$LOG_DIR/items.log"
}

story "A collector that is away"
before=$(complaints)
: >"$STORY_DIR/collector/away"
new_trace
traced POST "/buy/$ITEM" "$TOKEN_ben" '{"quantity":1}'
is_status 201 "does not stop a purchase"
lost() {
	api GET "$ITEMS_URL/metrics"
	grep -qE '^shop_trace_spans_total\{result="lost"\} [1-9]' "$BODY_FILE"
}
ok "what it misses is counted" eventually 30 lost
said() {
	[ "$(complaints)" = $((before + 1)) ]
}
ok "and said" eventually 10 said
rm "$STORY_DIR/collector/away"
new_trace
traced POST "/buy/$ITEM" "$TOKEN_ben" '{"quantity":1}'
ok "when it is back, it gets traces again" eventually 30 has_spans 3 '.kind == "client"'
ok "it was sent nothing that OTLP does not know" test ! -e "$STORY_DIR/collector/refused"

done_testing
