#!/bin/bash
# What the programs hold in memory when they have nothing to do: each, with its lighttpd, at most
# 24 MiB resident.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack

case ${BUILD-} in
*san-*)
	echo "1..0 # SKIP a sanitizer's memory is not the program's"
	exit 0
	;;
esac

resident_kb() { # PART
	local pid
	pid=$("$SHOP_ROOT/dev/stack" pid "$1") || return 1
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status"
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

done_testing
