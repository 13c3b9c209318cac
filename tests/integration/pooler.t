#!/bin/bash
# PostgreSQL behind PgBouncer in its transaction mode, which gives each transaction another session: two
# connections of each role serve all threads, and everything arrives.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/mail.sh
. "$(dirname "$0")/mail.sh"
# shellcheck source=tests/integration/settings.sh
. "$(dirname "$0")/settings.sh"
# shellcheck source=tests/integration/receiver.sh
. "$(dirname "$0")/receiver.sh"
use_stack

connections=2
folder=$STORY_DIR/pooler
PATIENCE_S=20
AS=()
pooler_pid=

finish() {
	usual_settings
	stop_receiver
	[ -z "$pooler_pid" ] || { kill "$pooler_pid" && wait "$pooler_pid"; } 2>/dev/null
	rm -rf "$STORY_DIR"
}

# The address of a role with the pooler's port.
pooled() { # URL
	sed -E "s#:[0-9]+/#:$port/#; s#\$#?pool_mode=transaction#" <<<"$1"
}

start_pooler() {
	local url
	port=$(free_port)
	mkdir -m 755 "$folder"
	for url in "$AUTH_DATABASE_URL" "$NOTIFIER_DATABASE_URL" "$NOTIFICATIONS_DATABASE_URL"; do
		sed -E 's#^postgres(ql)?://([^:]*):([^@]*)@.*#"\2" "\3"#' <<<"$url"
	done >"$folder/users"
	pooled "$AUTH_DATABASE_URL" >"$folder/auth"
	pooled "$NOTIFIER_DATABASE_URL" >"$folder/notifier"
	pooled "$NOTIFICATIONS_DATABASE_URL" >"$folder/notifications"
	cat >"$folder/pgbouncer.ini" <<-END
		[databases]
		* = host=127.0.0.1 port=$POSTGRES_PORT
		[pgbouncer]
		listen_addr = 127.0.0.1
		listen_port = $port
		unix_socket_dir =
		auth_type = scram-sha-256
		auth_file = $folder/users
		pool_mode = transaction
		default_pool_size = $connections
		max_client_conn = 500
	END
	if [ "$(id -u)" = 0 ]; then # it does not run as root
		chmod 711 "$STORY_DIR"
		chown -R shop:shop "$folder"
		AS=(setpriv --reuid shop --regid shop --clear-groups --no-new-privs --)
	fi
	"${AS[@]}" "$(PATH=$PATH:/usr/sbin command -v pgbouncer)" "$folder/pgbouncer.ini" 2>"$STORY_DIR/pooler.log" &
	pooler_pid=$!
	eventually 10 psql -qAtX -d "$(sed 's/?.*//' "$folder/auth")" -c 'SELECT 1' >/dev/null 2>&1 ||
		bail "PgBouncer does not serve: $(tail -n 5 "$STORY_DIR/pooler.log")"
}

connections_of() { # ROLE
	psql -qAtX -d "$POSTGRES_ADMIN_URL" -c "SELECT count(*) FROM pg_stat_activity WHERE usename = '$1'"
}

few_connections() { # ROLE
	local count
	count=$(connections_of "$1")
	[ "$count" -ge 1 ] && [ "$count" -le "$connections" ]
}

start_receiver
trap finish EXIT
start_pooler
with auth DATABASE_URL_FILE="$folder/auth"
with notifier DATABASE_URL_FILE="$folder/notifier"
with notifications DATABASE_URL_FILE="$folder/notifications"

story "An account's whole life"
new_user ada
arrives ada welcome
api POST /auth/email/verify '' "{\"token\":\"$(token)\"}"
is_status 204 "her address is verified"
api POST /auth/password/forgot '' "{\"email\":\"$EMAIL_ada\"}"
is_status 202 "she asks for a link"
arrives ada password_reset
# shellcheck disable=SC2034  # read by name
PASSWORD_ada="something else $RUN_ID"
api POST /auth/password/reset '' "{\"token\":\"$(token)\",\"new_password\":\"$PASSWORD_ada\"}"
is_status 204 "which sets another password"
arrives ada password_changed
login ada
api POST /auth/refresh '' "{\"refresh_token\":\"$REFRESH_ada\"}"
is_status 200 "she stays signed in"

story "Many at once"
# More than auth lets in while it hashes: it asks the others to come again, and they do (--retry heeds
# Retry-After).
seq 16 | xargs -P 16 -I{} curl -fsS --noproxy '*' --retry 30 -o /dev/null -w '%{http_code}\n' "$GATEWAY_URL/auth/register" \
	--json "{\"email\":\"many-{}-$RUN_ID@example.org\",\"password\":\"one of $RUN_ID\",\"name\":\"{}\"}" >"$STORY_DIR/many" 2>&1
is "$(grep -cx 201 "$STORY_DIR/many")" 16 "sixteen register at once"
for role in auth_app notifier_app notifier_api; do
	ok "$role needs no more than $connections connections" eventually 10 few_connections "$role"
done

story "A purchase is told of by mail and by webhook"
new_user ben
new_user sam
new_webhook sam sams order.created
new_item sam
api POST "/buy/$ITEM" "$TOKEN_ben"
is_status 201
arrives ben receipt
arrives sam sold
ok "the seller's program is called" eventually "$PATIENCE_S" called sams 1
api GET /notification "$TOKEN_ben"
json_is '[.data[] | .template] | contains(["receipt", "welcome"])' true "and it can be read what was sent"

story "Migrations go past the pooler"
"$SHOP_ROOT/dev/stack" set notifier DATABASE_OWNER_URL_FILE="$folder/notifier"
changed[notifier]+=" DATABASE_OWNER_URL_FILE="
"$PROGRAMS_DIR/notifier" --migrate >"$STORY_DIR/migrate" 2>&1
is "$?" 78 "--migrate refuses it"
ok "and says why" grep -q 'migrations go past a pooler: set DATABASE_OWNER_URL' "$STORY_DIR/migrate"

done_testing
