#!/bin/bash
# The logs tell a purchase as one story, from the request to the last mail and webhook.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/receiver.sh
. "$(dirname "$0")/receiver.sh"
use_stack
start_receiver
follower=
trap 'kill $follower 2>/dev/null; stop_receiver; rm -rf "$STORY_DIR"' EXIT

# logs OPTION...: into the file story.
logs() {
	"$SHOP_ROOT/dev/stack" logs "$@" >"$STORY_DIR/story" 2>"$STORY_DIR/said"
}

# told PATTERN...: the story has a line for each.
told() {
	local pattern
	for pattern in "$@"; do
		grep -qE -- "$pattern" "$STORY_DIR/story" || return 1
	done
}

whole_story_by() { # ID
	logs --id "$1" && told \
		"items +info +POST /buy/$ITEM  buyItem  201  [0-9]+ ms .*request=$REQUEST_ID  trace=" \
		"items +info +event published  type=order.created" \
		"notifier +info +event taken  type=order.created" \
		"notifier +info +delivery  [0-9]+ ms  result=sent  channel=email  template=receipt" \
		"notifier +info +delivery  [0-9]+ ms  result=sent  channel=email  template=sold" \
		"notifier +info +delivery  [0-9]+ ms  result=sent  channel=webhook  webhook_id=$HOOK_told"
}

is_one_trace() {
	is "$(sed 1d "$STORY_DIR/story" | grep -c "  trace=${TRACE:0:8}$")" 6 "those six lines, of one trace"
	is "$(sed 1d "$STORY_DIR/story" | wc -l)" 6 "and nothing else"
	ok "in the order of time" sort -c <(sed 1d "$STORY_DIR/story" | cut -c-12)
}

story "A purchase"
new_user ben
new_user sam
new_item sam
new_webhook ben told order.created
REQUEST_ID=buy-$RUN_ID # 14 characters: it is shown whole
TRACE=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
"$SHOP_ROOT/dev/stack" logs --follow --id "$REQUEST_ID" >"$STORY_DIR/followed" 2>&1 &
follower=$!
api POST "/buy/$ITEM" "$TOKEN_ben" '{"quantity":1}' -H "X-Request-Id: $REQUEST_ID" \
	-H "traceparent: 00-$TRACE-00f067aa0ba902b7-01"
is_status 201
ok "is told by the request's id" eventually 20 whole_story_by "$REQUEST_ID"
is_one_trace
ok "by the beginning of that" whole_story_by "${REQUEST_ID:0:10}"
is_one_trace
ok "by the trace" whole_story_by "${TRACE:0:12}"
is_one_trace
is "$(head -c 20 "$STORY_DIR/story" | sed 's/[0-9]/9/g' | head -n 1)" "9999-99-99 UTC" "after the day"
ok "without colours, as it goes to no terminal" bash -c "! grep -q $'\\e' '$STORY_DIR/story'"

story "Whoever follows it"
all_followed() {
	[ "$(grep -c "trace=${TRACE:0:8}" "$STORY_DIR/followed")" = 6 ]
}
ok "sees it while it happens" eventually 10 all_followed
kill "$follower"
wait "$follower" 2>/dev/null

story "Other views"
logs
ok "servers' own lines stand there as they are" told 'lighttpd +\| +.*\(server\.c\.[0-9]+\) server started'
ok "what services ask each other all the time does not" bash -c "! grep -qE '(getJwks|listRevokedSessions)  (200|304)' '$STORY_DIR/story'"
logs --level warn --id "$REQUEST_ID"
is "$?" 1 "nothing went wrong with it"
is "$(cat "$STORY_DIR/said")" "no such line" "which is said"
api GET "/item/$ITEM" '' '' -H "X-Request-Id: odd-$RUN_ID" -H "traceparent: nonsense"
is_status 200
ok "a trace that is none is replaced" eventually 5 logs --id "odd-$RUN_ID"

story "A cluster's"
mkdir "$STORY_DIR/bin"
cat >"$STORY_DIR/bin/kubectl" <<END
#!/bin/sh
echo "\$@" >"$STORY_DIR/asked"
cat <<LINES
[pod/shop-notifier-1/notifier] 2026-11-23T04:25:57.524000001Z {"time":"2026-11-23T04:25:57.524Z","level":"info","msg":"delivery","service":"notifier","trace_id":"04926f82b8e0ccfbd8573d60131f4e03","result":"sent"}
[pod/shop-items-1/items] 2026-11-23T04:25:57.474000001Z {"time":"2026-11-23T04:25:57.474Z","level":"info","msg":"request","service":"items","request_id":"r-1","trace_id":"04926f82b8e0ccfbd8573d60131f4e03","method":"GET","path":"/\\u001b[2J","status":404}
[pod/shop-postgresql-0/postgresql] 2026-11-23T04:25:57.500000001Z it checks a point
[pod/shop-items-1/items] 2026-11-23T04:25:57.600000001Z {"time":"2026-11-23T04:25:57.600Z","level":"info","msg":"request","service":"items","request_id":"r-2","trace_id":"14926f82b8e0ccfbd8573d60131f4e03","method":"GET","path":"/item","status":200}
LINES
END
chmod +x "$STORY_DIR/bin/kubectl"
PATH=$STORY_DIR/bin:$PATH
"$SHOP_ROOT/dev/logs" --namespace shop >"$STORY_DIR/story"
is "$(sed 1d "$STORY_DIR/story" | awk '{ print $2 }' | tr '\n' ' ')" \
	"shop-items-1/items shop-postgresql-0/postgresql shop-notifier-1/notifier shop-items-1/items " \
	"pods' lines are in the order of time"
ok "of all that is the shop's" grep -qE -- '--namespace shop .*part-of=shop .*--prefix' "$STORY_DIR/asked"
ok "what strangers sent does not reach the terminal" told 'GET /\\x1b\[2J  404'
"$SHOP_ROOT/dev/logs" --namespace shop --id r-1 >"$STORY_DIR/story"
is "$(sed 1d "$STORY_DIR/story" | wc -l)" 2 "a request's story goes through pods"

story "As documents in Elasticsearch"
"$SHOP_ROOT/tests/contract/python" "$SHOP_ROOT/tests/integration/log_documents.py" \
	"$LOG_DIR"/{auth,items,notifications,notifier,lighttpd,postgres,rabbitmq,mongodb}.log \
	>"$STORY_DIR/documents" 2>"$STORY_DIR/refused"
is "$?" 0 "its template takes every line there is"
head -n 20 "$STORY_DIR/refused" | while read -r line; do note "$line"; done
found() { # QUERY
	jq -sc --arg trace "$TRACE" --arg request "$REQUEST_ID" "map(select($1))" "$STORY_DIR/documents"
}
is "$(found '.trace_id == $trace' | jq length)" 6 "all lines of the purchase are found by its trace"
is "$(found '.request_id == $request' | jq -c '.[0] | [.service, .level, .route, .status, .container]')" \
	'["items","info","buyItem",201,"items"]' "its request with what it is"
is "$(found '.request_id == $request' | jq -c '.[0] | [(."@timestamp" | test("T.*\\.[0-9]{3}Z$")), (.duration_ms | type), has("time")]')" \
	'[true,"number",false]' "at its own time"
ok "lighttpd's lines are understood" test "$(found '.service == "lighttpd" and .source != null and (.msg | test("^server started"))')" != '[]'
ok "what is no JSON is kept as it is" test "$(found '.service == "postgres" and (.msg | test("ready to accept connections"))')" != '[]'

done_testing
