#!/bin/bash
# What the programs hold in memory: when they have nothing to do, each, with its lighttpd, at most
# 24 MiB resident; when every worker has the dearest body that anybody can send, 40 MiB at most.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack

case ${BUILD-} in
*san-*)
	echo "1..0 # SKIP a sanitizer's memory is not the program's"
	exit 0
	;;
esac

memory_kb() { # NAME PART
	local pid
	pid=$("$SHOP_ROOT/dev/stack" pid "$2") || return 1
	sed -n "s/^$1:[^0-9]*\([0-9]*\) kB/\1/p" "/proc/$pid/status"
}

resident_kb() { # PART
	memory_kb VmRSS "$1"
}

# A body of a megabyte with so many members, on standard output.
members() { # COUNT
	local value
	value=$(printf "%$((1040000 / $1 - 12))s" '')
	seq -f "\"%07.0f\":\"$value\"" "$1" | paste -sd, | sed 's/^/{/; s/$/}/'
}

# It comes 32 times, by 16 connections at once: more than there are workers.
come() { # FILE PATH TOKEN
	seq 32 | xargs -P 16 -I '{}' curl -s --noproxy '*' -o /dev/null -H "Authorization: Bearer $3" \
		--json @"$1" "$GATEWAY_URL$2"
}

# As after a start, whatever other tests did before; each has answered something since.
stack restart lighttpd
stack restart notifier
ok "auth is ready" eventually 30 curl -fs -o /dev/null --noproxy '*' "$AUTH_URL/readyz"
ok "items is ready" eventually 30 curl -fs -o /dev/null --noproxy '*' "$ITEMS_URL/readyz"
ok "notifications is ready" eventually 30 curl -fs -o /dev/null --noproxy '*' "$NOTIFICATIONS_URL/readyz"
ok "notifier is ready" eventually 30 curl -fs -o /dev/null --noproxy '*' "$NOTIFIER_URL/readyz"
api GET /item
is_status 200
api GET /auth/.well-known/jwks.json
is_status 200
api GET /webhook
is_status 401

lighttpd=$(resident_kb lighttpd)
for part in auth items notifications; do
	program=$(resident_kb $part)
	note "$part: $program kB, lighttpd: $lighttpd kB"
	ok "$part and lighttpd are within 24 MiB" [ $((program + lighttpd)) -le 24576 ]
done
program=$(resident_kb notifier)
note "notifier: $program kB"
ok "notifier is within 24 MiB" [ "$program" -le 24576 ]

new_user ada
for count in 2000 3990 19000; do
	members $count >"$STORY_DIR/members.$count"
	come "$STORY_DIR/members.$count" /auth/login ''
	come "$STORY_DIR/members.$count" /item "$TOKEN_ada"
	come "$STORY_DIR/members.$count" /webhook "$TOKEN_ada"
done
api POST /item "$TOKEN_ada" "@$STORY_DIR/members.3990"
is_problem 422 validation_failed "that many members are read, and all refused"
for part in auth items notifications; do
	program=$(memory_kb VmHWM $part)
	note "$part: $program kB at most"
	ok "$part: bodies as dear as can be, one for each worker, are within 40 MiB" [ "$program" -le 40960 ]
done

done_testing
