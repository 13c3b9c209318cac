# shellcheck shell=bash
# Webhooks for stories: a receiver that checks signatures, and endpoints at it.  After lib.sh.
# shellcheck source=tests/integration/sql.sh
. "$SHOP_ROOT/tests/integration/sql.sh"

# Starts the receiver; sets RECEIVER, its address.  It ends with the story.
start_receiver() {
	RECEIVER_DIR=$STORY_DIR/receiver
	mkdir -p "$RECEIVER_DIR/secrets"
	: >"$RECEIVER_DIR/calls"
	python3 "$SHOP_ROOT/tests/integration/receiver.py" "$RECEIVER_DIR" >"$RECEIVER_DIR/port" \
		2>"$RECEIVER_DIR/errors" &
	RECEIVER_PID=$!
	trap 'stop_receiver; rm -rf "$STORY_DIR"' EXIT
	eventually 10 test -s "$RECEIVER_DIR/port" || bail "no receiver: $(cat "$RECEIVER_DIR/errors")"
	RECEIVER=http://127.0.0.1:$(<"$RECEIVER_DIR/port")
}

stop_receiver() {
	kill "$RECEIVER_PID" 2>/dev/null || true
}

a_secret() {
	printf 'whsec_%s' "$(head -c 32 /dev/urandom | base64 -w 0)"
}

# new_webhook USER NAME EVENTS [QUERY [URL]]: USER's webhook NAME for EVENTS (with commas), at the
# receiver, which does as QUERY asks.  Sets HOOK_NAME to its id.
new_webhook() {
	local owner=ID_$1 secret url=${5-$RECEIVER}/$2
	secret=$(a_secret)
	printf '%s\n' "$secret" >"$RECEIVER_DIR/secrets/$2"
	printf -v "HOOK_$2" '%s' "$(sql "INSERT INTO webhooks (id, owner_id, url, events, secret)
		VALUES (id_new(), '${!owner}', '$url${4:+?$4}', '{$3}', '$secret') RETURNING id")"
}

# calls NAME [FILTER]: how many calls NAME got for which jq's FILTER holds.
calls() {
	jq -n --arg name "$1" "[inputs | select(.name == \$name) | select(${2-true})] | length" \
		"$RECEIVER_DIR/calls"
}

# called NAME COUNT [FILTER]: NAME got exactly so many.
called() {
	[ "$(calls "$1" "${3-true}")" = "$2" ]
}

# Of NAME's calls, the first for which FILTER holds: PATH of it.
call() { # NAME PATH
	jq -rcn --arg name "$1" "first(inputs | select(.name == \$name)) | $2" "$RECEIVER_DIR/calls"
}

# delivery NAME EXPRESSION: of the newest delivery to NAME, in SQL; attempt is its last attempt.
delivery() {
	local hook=HOOK_$1
	sql "SELECT $2 FROM (SELECT * FROM jobs WHERE recipient = '${!hook}' ORDER BY id DESC LIMIT 1) job
		LEFT JOIN LATERAL (SELECT * FROM attempts WHERE job_id = job.id
			ORDER BY number DESC LIMIT 1) attempt ON true"
}

delivery_is() { # NAME EXPRESSION VALUE
	[ "$(delivery "$1" "$2")" = "$3" ]
}
