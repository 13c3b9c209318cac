#!/bin/bash
# A part is away while people buy: they go on buying, and all their mails come afterwards.
# shellcheck source=tests/faults/lib/notifier.sh
. "$(dirname "$0")/lib/notifier.sh"
use_stack

story "The notifier is stopped during 50 purchases"
new_trade 1
stack stop notifier
buys 50
stack start notifier
mails_arrive 50 30

story "RabbitMQ is stopped during 50 purchases"
new_trade 2
stack stop rabbitmq
buys 50
# lacks_broker URL [DETAIL]: it says that it is not ready, and names what is missing.
lacks_broker() {
	api GET "$1/readyz"
	[ "$STATUS $(json '[.checks[] | select(.ok | not) | .name] | join(" ")')" = "503 rabbitmq" ] &&
		[ "${2-}" = "${2+$(json '.checks[] | select(.ok | not).detail')}" ]
}
ok "the notifier names what is missing, as its consumers know" \
	eventually 20 lacks_broker "$NOTIFIER_URL" "0 of 2 queues are consumed"
api GET "$NOTIFIER_URL/healthz"
is_status 200 "but it is alive"
for url in "$AUTH_URL" "$ITEMS_URL"; do
	ok "so does $url" eventually 20 lacks_broker "$url"
	api GET "$url/readyz?exclude=rabbitmq"
	is_status 200 "and may have traffic all the same"
	json_is .status ok
done
api GET "$ITEMS_URL/readyz?exclud=rabbitmq"
is_problem 422 validation_failed "a misspelt exclusion is none"
stack start rabbitmq
mails_arrive 50 60
for url in "$NOTIFIER_URL" "$AUTH_URL" "$ITEMS_URL"; do
	ok "$url is ready again" eventually 20 is_ready "$url"
done

story "The mail server is stopped during 10 purchases"
new_trade 3
stack stop smtp
buys 10
has_failed_attempt() {
	local buyer=ID_$BUYER
	[ "$(sql "SELECT count(*) FROM attempts a JOIN jobs j ON j.id = a.job_id
		WHERE a.result = 'try_later' AND j.recipient = '${!buyer}'")" -gt 0 ]
}
ok "the notifier tries and fails" eventually 20 has_failed_attempt
stack start smtp
mails_arrive 10 90

story "PostgreSQL is stopped during 20 purchases"
new_trade 4
stack stop postgres
buys 20
stack start postgres
mails_arrive 20 60

done_testing
