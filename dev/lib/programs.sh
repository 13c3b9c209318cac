# shellcheck shell=bash
# The shop's own programs in a local stack: their settings, lighttpd, which spawns the FastCGI ones,
# and the notifier.

FCGI=(auth items notifications)

has_program() { [ -x "$STATE/programs/$1" ]; }

# Copies the programs of the build and lighttpd's configuration into the stack: a new build does not
# disturb one that runs, and the account need not reach the checkout.
copy_programs() {
	local name
	[ -d "$STATE/programs" ] || install -d -m 711 "$STATE/programs"
	give_to_account_flat "$STATE/programs"
	for name in auth.fcgi items.fcgi notifications.fcgi notifier; do
		[ -x "$BUILD/$name" ] || fail "$BUILD/$name is not built: make builds it"
		install -m 755 "$BUILD/$name" "$STATE/programs/$name.new"
		mv "$STATE/programs/$name.new" "$STATE/programs/$name"
	done
	rm -rf "$STATE/conf"
	cp -r lighttpd "$STATE/conf"
	chmod -R u=rwX,go= "$STATE/conf"
	give_to_account "$STATE/conf"
}

# --- settings ------------------------------------------------------------------------------------
# etc/PROGRAM.env holds what the stack decides.  The caller's environment goes before it where it
# says "default", and etc/PROGRAM.set, by `dev/stack set`, goes before everything.

setting() { printf "export %s=%q\n" "$1" "$2"; }
default() { printf "export %s=%q\n" "$1" "${!1-$2}"; }

settings_common() {
	default PUBLIC_URL "http://127.0.0.1:$PORT"
	default LOG_LEVEL info
	# A person and a test come from this host, and often.
	default RATE_LIMIT_EXEMPT 127.0.0.0/8,::1/128
	default RATE_LIMIT_ACCOUNT 60000
	setting AMQP_URL_FILE "$STATE/secrets/amqp_url"
	setting LANG C.UTF-8
	# Sanitized builds go on after a finding, which then stands in the log: dev/test looks there.
	default ASAN_OPTIONS detect_leaks=1:abort_on_error=1
	default UBSAN_OPTIONS print_stacktrace=1
	default TSAN_OPTIONS "exitcode=66:suppressions=$STATE/etc/tsan.supp"
}

settings_database() { # SERVICE
	setting DATABASE_URL_FILE "$STATE/secrets/${1}_app_url"
	setting DATABASE_OWNER_URL_FILE "$STATE/secrets/${1}_owner_url"
	echo "unset DATABASE_URL DATABASE_OWNER_URL AMQP_URL"
}

settings_webhooks() {
	default WEBHOOK_ALLOW_HTTP true
	default WEBHOOK_ALLOW_PRIVATE true
}

write_settings() {
	local role
	for role in auth_owner auth_app notifier_owner notifier_app notifier_api; do
		database_url "$role" "${role%_*}" | put "$STATE/secrets/${role}_url"
	done
	echo "${AMQP_URL:-amqp://shop:$(<"$(secret amqp_password)")@127.0.0.1:$AMQP_PORT/%2F}" |
		put "$STATE/secrets/amqp_url"
	put "$STATE/etc/tsan.supp" <dev/tsan.supp
	{
		settings_common
		settings_database auth
		setting JWT_KEYS_DIR "$STATE/keys"
		default JWT_ISSUER "http://127.0.0.1:$PORT"
		default JWT_AUDIENCE shop
		setting CURSOR_SECRET_FILE "$(secret cursor_secret)"
		setting PASSWORD_PEPPER_FILE "$(secret password_pepper)"
		default BCRYPT_COST 12
	} | put "$STATE/etc/auth.fcgi.env"
	{
		settings_common
		setting MONGODB_URI "${MONGODB_URI:-mongodb://127.0.0.1:$MONGODB_PORT}"
		default MONGODB_DATABASE shop
		# Counters that nobody reads: those of killed programs would fill /dev/shm.
		setting MONGOC_DISABLE_SHM 1
		setting AUTH_URL "http://127.0.0.1:$AUTH_PORT"
		default JWT_ISSUER "http://127.0.0.1:$PORT"
		default JWT_AUDIENCE shop
		setting CURSOR_SECRET_FILE "$(secret cursor_secret)"
		echo "unset AMQP_URL"
	} | put "$STATE/etc/items.fcgi.env"
	{
		settings_common
		settings_database notifier
		settings_webhooks
		setting DATABASE_API_ROLE notifier_api
		setting SMTP_URL "${SMTP_URL:-smtp://127.0.0.1:$SMTP_PORT}"
		default MAIL_FROM "Shop <shop@localhost>"
		setting HEALTH_ADDRESS "127.0.0.1:$NOTIFIER_PORT"
	} | put "$STATE/etc/notifier.env"
	{
		settings_common
		settings_webhooks
		setting DATABASE_URL_FILE "$STATE/secrets/notifier_api_url"
		echo "unset DATABASE_URL"
		setting AUTH_URL "http://127.0.0.1:$AUTH_PORT"
		default JWT_ISSUER "http://127.0.0.1:$PORT"
		default JWT_AUDIENCE shop
		setting CURSOR_SECRET_FILE "$(secret cursor_secret)"
	} | put "$STATE/etc/notifications.fcgi.env"
}

# bin/PROGRAM starts a program with its settings and its own log, and notes its process id; it is
# what lighttpd spawns.  Of a part that was stopped by hand it starts nothing.
write_launchers() {
	local name part
	for name in auth.fcgi items.fcgi notifications.fcgi notifier; do
		part=${name%.fcgi}
		cat >"$STATE/bin/$name.new" <<END
#!/bin/sh
umask 077
[ ! -e "$STATE/etc/$part.stopped" ] || exit 0
# Before the settings are read: whoever changes them then finds the process that has the old ones.
[ \$# -gt 0 ] || {
	read -r stat <"/proc/\$\$/stat"
	set -- \$stat
	echo "\$\$ \${22}" >"$STATE/pid/$part.\$\$"
	mv "$STATE/pid/$part.\$\$" "$STATE/pid/$part"
	set --
}
. "$STATE/etc/$name.env"
[ ! -e "$STATE/etc/$name.set" ] || . "$STATE/etc/$name.set"
[ \$# -eq 0 ] || exec "$STATE/programs/$name" "\$@"
exec "$STATE/programs/$name" >>"$STATE/log/$part.log" 2>&1
END
		chmod 755 "$STATE/bin/$name.new"
		give_to_account_flat "$STATE/bin/$name.new"
		mv "$STATE/bin/$name.new" "$STATE/bin/$name"
	done
}

# run_program NAME ARGUMENT...: once, by the account, with its settings.
run_program() {
	local name=$1
	shift
	(cd "$STATE" && "${AS[@]}" env "HOME=$STATE/data" "$STATE/bin/$name" "$@")
}

migrate() {
	local log=$STATE/log/migrate-$1.log
	run_program "$1" --migrate >"$log" 2>&1 || fail "$1 --migrate failed: $(tail -n 3 "$log")"
}

# --- lighttpd and what it spawns -----------------------------------------------------------------

start_lighttpd() {
	local name
	# Programs that outlived a lighttpd that was killed: theirs are the sockets it needs.
	for name in "${FCGI[@]}"; do
		stop_process "$name" TERM
	done
	spawn lighttpd env SHOP_BIND=127.0.0.1 "SHOP_BIN=$STATE/bin" "SHOP_CONF=$STATE/conf" \
		"SHOP_RUN=$SOCKETS" "SHOP_TMP=$STATE/tmp" "PORT=$PORT" "AUTH_PORT=$AUTH_PORT" \
		"ITEMS_PORT=$ITEMS_PORT" "NOTIFICATIONS_PORT=$NOTIFICATIONS_PORT" \
		"$(lighttpd_path)" -D -f "$STATE/conf/gateway.conf"
}

lighttpd_path() {
	PATH=$PATH:/usr/sbin command -v lighttpd || fail "no lighttpd found; make install installs it"
}

ready_lighttpd() { is_listening "$PORT"; }

stop_lighttpd() {
	local name
	stop_process lighttpd INT
	# They were asked to end by lighttpd, which does not wait for them.
	for name in "${FCGI[@]}"; do
		stop_process "$name" TERM
	done
}

answers() { curl -fsS -o /dev/null --noproxy '*' --max-time 5 "$1" 2>/dev/null; }
ready_auth() { answers "http://127.0.0.1:$AUTH_PORT/readyz"; }
ready_items() { answers "http://127.0.0.1:$ITEMS_PORT/readyz"; }
ready_notifications() { answers "http://127.0.0.1:$NOTIFICATIONS_PORT/readyz"; }
ready_notifier() { answers "http://127.0.0.1:$NOTIFIER_PORT/readyz"; }

start_fcgi() { rm -f "$STATE/etc/$1.stopped"; }
stop_fcgi() {
	: >"$STATE/etc/$1.stopped"
	give_to_account_flat "$STATE/etc/$1.stopped"
	stop_process "$1" TERM
}
# lighttpd starts it again at the next full second.
restart_fcgi() {
	local pid
	rm -f "$STATE/etc/$1.stopped"
	pid=$(pid_of "$1") || return 0
	kill -TERM "$pid" 2>/dev/null || true
	if ! until_true $STOP_S is_other "$1" "$pid"; then
		say "  $1 did not stop in $STOP_S s: killed"
		kill -KILL "$pid" 2>/dev/null || true
	fi
	until_true $START_S is_another "$1" "$pid" || fail "lighttpd did not start $1 again"
}
start_auth() { start_fcgi auth; }
start_items() { start_fcgi items; }
start_notifications() { start_fcgi notifications; }
stop_auth() { stop_fcgi auth; }
stop_items() { stop_fcgi items; }
stop_notifications() { stop_fcgi notifications; }

start_notifier() {
	rm -f "$STATE/etc/notifier.stopped"
	spawn notifier "$STATE/bin/notifier"
}
stop_notifier() { stop_process notifier TERM; }
