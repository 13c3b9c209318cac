#!/bin/bash
# The network between the programs and their stores is slow, cuts connections, swallows what is sent,
# or what is answered.  Requests end by their deadline, and nothing is lost or done twice.
# shellcheck source=tests/faults/lib/network.sh
. "$(dirname "$0")/lib/network.sh"
use_stack
trap close_network EXIT

TROUBLES=(slow cut silent deaf)

new_trade 1
buyer=TOKEN_$BUYER
bought=0
joined=0

open_network
link auth-postgres "$POSTGRES_PORT"
database=$(link_file auth-postgres "$POSTGRES_PORT" "$AUTH_DATABASE_URL")
link auth-rabbitmq "$AMQP_PORT"
with auth REQUEST_TIMEOUT=2000 DATABASE_URL_FILE="$database" \
	AMQP_URL_FILE="$(link_file auth-rabbitmq "$AMQP_PORT" "$AMQP_URL?heartbeat=2")"
link items-mongodb "$MONGODB_PORT"
# shellcheck disable=SC2153  # the stack sets it
mongodb_uri=${MONGODB_URI/127.0.0.1:$MONGODB_PORT/127.0.0.1:$LINK_PORT}
link items-rabbitmq "$AMQP_PORT"
with items REQUEST_TIMEOUT=2000 RESERVATION_TTL=3000 MONGODB_URI="$mongodb_uri" \
	AMQP_URL_FILE="$(link_file items-rabbitmq "$AMQP_PORT" "$AMQP_URL?heartbeat=2")"
link notifier-postgres "$POSTGRES_PORT"
database=$(link_file notifier-postgres "$POSTGRES_PORT" "$NOTIFIER_DATABASE_URL")
link notifier-rabbitmq "$AMQP_PORT"
with notifier DATABASE_URL_FILE="$database" \
	AMQP_URL_FILE="$(link_file notifier-rabbitmq "$AMQP_PORT" "$AMQP_URL?heartbeat=2")"
link notifications-postgres "$POSTGRES_PORT"
with notifications REQUEST_TIMEOUT=2000 DATABASE_URL_FILE="$(
	link_file notifications-postgres "$POSTGRES_PORT" "$NOTIFICATIONS_DATABASE_URL"
)"
for url in "$AUTH_URL" "$ITEMS_URL" "$NOTIFICATIONS_URL" "$NOTIFIER_URL"; do
	ok "$url is ready behind its proxies" eventually 20 is_ready "$url"
done

is_answered() { # STATUS METHOD PATH BODY KEY
	api "$2" "$3" "${!buyer}" "$4" -H "Idempotency-Key: $5"
	[ "$STATUS" = "$1" ]
}

# A store can't be reached: 503 by the deadline, and afterwards the same request succeeds.
for trouble in "${TROUBLES[@]}"; do
	story "The way from items to MongoDB is $trouble"
	key=$trouble-$RUN_ID
	trouble items-mongodb "$trouble"
	if [ "$trouble" = slow ]; then
		ok "it is bought" eventually 20 is_answered 201 POST "/buy/$ITEM" '{"quantity":1}' "$key"
	else
		api POST "/buy/$ITEM" "${!buyer}" '{"quantity":1}' -H "Idempotency-Key: $key"
		is_problem 503 unavailable "buying"
		header_like Retry-After '^[1-9][0-9]*$' "with Retry-After"
	fi
	mend items-mongodb
	ok "then it is bought" eventually 20 is_answered 201 POST "/buy/$ITEM" '{"quantity":1}' "$key"
	bought=$((bought + 1))

	for way in "auth-postgres /auth/me" "notifications-postgres /webhook"; do
		read -r link path <<<"$way"
		story "The way $link is $trouble"
		trouble "$link" "$trouble"
		if [ "$trouble" = slow ]; then
			ok "it answers" eventually 20 is_answered 200 GET "$path" '' none
		else
			api GET "$path" "${!buyer}"
			is_problem 503 unavailable "it says so"
			header_like Retry-After '^[1-9][0-9]*$' "with Retry-After"
		fi
		mend "$link"
		ok "then it answers" eventually 20 is_answered 200 GET "$path" '' none
	done
done

# The broker, or the notifier's store, can't be reached: people go on joining and buying.  However busy
# the host, they are not to be told to come again.
with auth REQUEST_TIMEOUT=10000
with items REQUEST_TIMEOUT=10000
says_so() { # URL CHECK
	api GET "$1/readyz"
	jq -e --arg name "$2" 'any(.checks[]; .name == $name and (.ok | not))' "$BODY_FILE" >/dev/null
}
for trouble in "${TROUBLES[@]}"; do
	for way in "auth-rabbitmq $AUTH_URL rabbitmq" "items-rabbitmq $ITEMS_URL rabbitmq" \
		"notifier-rabbitmq $NOTIFIER_URL rabbitmq" \
		"notifier-postgres $NOTIFIER_URL postgresql"; do
		read -r link url check <<<"$way"
		story "The way $link is $trouble"
		trouble "$link" "$trouble"
		new_user "joins_$((joined += 1))"
		buys 2
		bought=$((bought + 2))
		[ "$trouble" = slow ] || ok "readiness says so" eventually 30 says_so "$url" "$check"
		mend "$link"
		ok "and that it is over" eventually 30 is_ready "$url"
	done
done

story "After all that"
api GET "/item/$ITEM"
json_is .stock $((100000 - bought)) "what was sold is what was answered"
mails_arrive "$bought" 60
for ((i = 1; i <= joined; i++)); do
	email=EMAIL_joins_$i
	ok "who joined is welcomed, once" eventually 20 mail_to "${!email}" welcome
done

done_testing
