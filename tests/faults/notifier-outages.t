#!/bin/bash
# A part is away while people buy: they go on buying, and all their mails come afterwards.
# shellcheck source=tests/faults/lib/notifier.sh
. "$(dirname "$0")/lib/notifier.sh"
use_stack

FAILED_BEFORE=$(sql "SELECT count(*) FROM jobs WHERE state = 'failed'")

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
api GET "$NOTIFIER_URL/readyz"
is_status 503 "the notifier says that it is not ready"
json_is '[.checks[] | select(.ok | not) | .name] | join(" ")' rabbitmq "and names what is missing"
json_is '.checks[] | select(.name == "rabbitmq").detail' "0 of 2 queues are consumed" "as its consumers know"
api GET "$NOTIFIER_URL/healthz"
is_status 200 "but it is alive"
for url in "$AUTH_URL" "$ITEMS_URL"; do
	api GET "$url/readyz"
	is_status 503 "so does $url"
	json_is '[.checks[] | select(.ok | not) | .name] | join(" ")' rabbitmq "naming it too"
	api GET "$url/readyz?exclude=rabbitmq"
	is_status 200 "and may have traffic all the same"
	json_is .status ok
done
api GET "$ITEMS_URL/readyz?exclud=rabbitmq"
is_problem 422 validation_failed "a misspelt exclusion is none"
stack start rabbitmq
mails_arrive 50 60
is_ready() { # URL
	api GET "$1/readyz"
	[ "$STATUS" = 200 ]
}
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
