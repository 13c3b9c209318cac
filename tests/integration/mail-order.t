#!/bin/bash
# What buyer, seller and a webhook's owner are told of what becomes of orders, items and webhooks.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/mail.sh
. "$(dirname "$0")/mail.sh"
use_stack

new_user sepp '{"name":"Sepp Huber","locale":"de"}'
new_user sue
new_user bea
new_item sepp '{"name":"Lampe","price":{"amount":123450,"currency":"EUR"},"stock":5,"low_stock_at":3}'
LAMP=$ITEM
new_item sue '{"name":"Rug","stock":10}'
RUG=$ITEM
new_order() {
	api POST /order "$TOKEN_bea" \
		"{\"lines\":[{\"item_id\":\"$LAMP\",\"quantity\":1},{\"item_id\":\"$RUG\",\"quantity\":2}]}"
	[ "$STATUS" = 201 ] || bail_answer "can't order"
	ORDER=$(json .id) NUMBER=$(json .number)
}
step() { # USER STEP [BODY]
	local token=TOKEN_$1
	api POST "/order/$ORDER/$2" "${!token}" "${3-}"
	is_status 200 "$1 can $2"
}

story "An order of two sellers"
arrives sepp item_listed
is "$(subject)" "Eingestellt: Lampe" "a seller reads the own language"
has plain "1.234,50 EUR"
new_order
arrives bea receipt
has plain "Total: 1,274.48 EUR"
arrives sepp sold
is "$(subject)" "Verkauft: Bestellung $NUMBER" "so does the sale's mail"
has plain "Gesamtbetrag: 1.234,50 EUR"
lacks plain Rug

story "It is cancelled"
step bea cancel
arrives bea cancelled
is_well_formed bea cancelled
is "$(subject)" "Cancelled: order $NUMBER" "the subject names it"
has plain Lampe
has plain Rug

story "Another is shipped in two parts"
new_order
step sue ship '{"tracking":"LX 42 & co"}'
arrives bea shipped
is_well_formed bea shipped
is "$(subject)" "Shipped: order $NUMBER" "the subject names it"
has plain "Tracking number: LX 42 & co"
has html "LX 42 &amp; co"
has plain "2 x Rug"
lacks plain Lampe
has plain "Total: 39.98 EUR"
has html "href=\"$GATEWAY_URL/order/$ORDER\""
step sepp ship '{}'
arrives bea shipped 2
has plain Lampe
lacks plain Rug
lacks plain Tracking

story "It arrives"
step sue deliver
arrives bea delivered
is_well_formed bea delivered
has plain "2 x Rug"
lacks plain Lampe

story "It is paid back"
step sue refund '{}'
arrives bea refunded
is_well_formed bea refunded
is "$(subject)" "Refunded: order $NUMBER" "the subject names it"
has plain "Total: 39.98 EUR"
lacks plain Lampe

story "The seller runs out"
api POST "/buy/$LAMP" "$TOKEN_bea" '{"quantity":2}'
is_status 201
arrives sepp low_stock
is_well_formed sepp low_stock
is "$(subject)" "Geringer Bestand: Lampe" "the subject names it"
has plain "Auf Lager: 2"
has html "href=\"$GATEWAY_URL/item/$LAMP\""

story "A webhook is switched off"
event=01890000-0000-7000-8000-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
# By way of auth's outbox, as whoever writes to its database could: the notifier takes it from anyone.
psql -qAtX -d "$AUTH_DATABASE_OWNER_URL" -c "INSERT INTO outbox (id, type, body)
	VALUES ('$event', 'webhook.disabled', '$(jq -nc --arg id "$event" --arg owner_id "$ID_sepp" '
	{specversion: "1.0", $id, source: "/notifications", type: "webhook.disabled", time: (now | todate),
	datacontenttype: "application/json", data: {$owner_id, webhook: {$id, url: "https://erp.example.org/?a=1&b=2",
	events: ["order.created"], status: "disabled", disabled_reason: "410 Gone"}}}')')"
arrives sepp webhook_disabled
is_well_formed sepp webhook_disabled
is "$(subject)" "Ihr Webhook wurde abgeschaltet" "its owner is told"
has plain "https://erp.example.org/?a=1&b=2"
has html "https://erp.example.org/?a=1&amp;b=2"
has plain "Grund: 410 Gone"

done_testing
