#!/bin/bash
# The shop is up, and its programs can be asked what they are and what they need.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack

story "Every part is ready"
is_running() {
	"$SHOP_ROOT/dev/stack" pid "$1" >/dev/null
}
for part in lighttpd auth items notifications notifier; do
	ok "$part runs" is_running "$part"
done
api GET "$AUTH_URL/readyz"
json_is .status ok "auth"
json_is '[.checks[].name] | sort | join(" ")' "keys postgresql rabbitmq" "auth needs keys, its store and the broker"
api GET "$ITEMS_URL/readyz"
json_is .status ok "items"
json_is '[.checks[].name] | sort | join(" ")' "auth mongodb rabbitmq" "items needs its store, the broker and auth"
api GET "$NOTIFICATIONS_URL/readyz"
json_is .status ok "notifications"
json_is '[.checks[].name] | sort | join(" ")' "auth postgresql" "notifications needs its store and auth"
api GET "$NOTIFIER_URL/readyz"
json_is .status ok "notifier"

# run PROGRAM ARGUMENT...: without any setting but those that the caller gives by SETTINGS.
SETTINGS=()
run() {
	local program=$SHOP_STACK_DIR/programs/$1
	shift
	STATUS=0
	env -i "${SETTINGS[@]}" "$program" "$@" >"$STORY_DIR/said" 2>"$STORY_DIR/complained" </dev/null || STATUS=$?
	REQUEST="${SETTINGS[*]} $program $*"
	HEADERS=''
	cat "$STORY_DIR/said" "$STORY_DIR/complained" >"$BODY_FILE"
}
says() { # REGEX
	if grep -qE -- "$1" "$BODY_FILE"; then
		pass "says ${2:-$1}"
	else
		fail_answer "says ${2:-$1}" "$1"
	fi
}

for program in auth.fcgi items.fcgi notifications.fcgi notifier; do
	story "$program"
	SETTINGS=()
	needs=AMQP_URL
	[ $program != notifications.fcgi ] || needs=DATABASE_URL
	run $program --help
	is_status 0 "--help"
	says --check
	[ $program = notifications.fcgi ] || says --migrate
	says $needs
	run $program --version
	is_status 0 "--version"
	run $program --config-markdown
	is_status 0 "--config-markdown"
	says "^\\| \`$needs\` or \`${needs}_FILE\` \\|"
	run $program --nonsense
	is_status 64 "an unknown word"
	run $program
	is_status 78 "without its settings"
	says "^$needs: "
	SETTINGS=(LOG_LEVEL=loud PUBLIC_URL=nowhere)
	run $program --check
	is_status 78 "with bad settings"
	says '^LOG_LEVEL: '
	says '^PUBLIC_URL: '
	says "^$needs: " "what is missing, as well"
done

story "A secret is not given twice"
printf 'amqp://a:b@127.0.0.1:1/\n' >"$STORY_DIR/secret"
SETTINGS=(AMQP_URL=amqp://a:b@127.0.0.1:1/ "AMQP_URL_FILE=$STORY_DIR/secret")
run auth.fcgi --check
is_status 78
says '^AMQP_URL'

story "Connections are tried"
# By the stack's launcher, which has the settings.
checks_out() {
	"$SHOP_STACK_DIR/bin/$1" --check >"$STORY_DIR/said" 2>&1 || { note "$(<"$STORY_DIR/said")" && return 1; }
}
for program in auth.fcgi items.fcgi notifier; do
	ok "$program --check" checks_out "$program"
done

done_testing
