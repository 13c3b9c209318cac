#!/bin/bash
# What people find in their mailboxes: at registration, after listing, after a purchase.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/mail.sh
. "$(dirname "$0")/mail.sh"
use_stack

story "Registering"
new_user sam
new_user ben
arrives sam welcome
is_well_formed sam welcome
is "$(subject)" "Welcome, sam: please confirm your email address" "the subject greets"
has plain "$GATEWAY_URL/verify-email?token="
has html "href=\"$GATEWAY_URL/verify-email?token="
arrives ben welcome

story "A name with what HTML and headers could take amiss"
new_user zoe '{"name":"Zoë <b>\"O\u0027Hara\"</b> & Söhne"}'
arrives zoe welcome
is "$(subject)" "Welcome, Zoë <b>\"O'Hara\"</b> & Söhne: please confirm your email address" \
	"the subject has it as it is"
has plain "Zoë <b>\"O'Hara\"</b> & Söhne"
has html "Zoë &lt;b&gt;&quot;O&#39;Hara&quot;&lt;/b&gt; &amp; Söhne"

story "Listing an item"
new_item sam '{"name":"Lamp & shade","stock":5}'
arrives sam item_listed
is_well_formed sam item_listed
is "$(subject)" "Listed: Lamp & shade" "the subject names it"
has plain "19.99 EUR"
has plain "In stock: 5"
has plain "$GATEWAY_URL/item/$ITEM"
has html "Lamp &amp; shade"
has html "href=\"$GATEWAY_URL/item/$ITEM\""

story "Buying"
api POST "/buy/$ITEM" "$TOKEN_ben" '{"quantity":2}'
is_status 201
ORDER=$(json .id) NUMBER=$(json .number)
arrives ben receipt
is_well_formed ben receipt
is "$(subject)" "Your receipt for order $NUMBER" "the subject names the order"
has plain "2 x Lamp & shade"
has plain "19.99 EUR each, 39.98 EUR"
has plain "Total: 39.98 EUR"
has plain "$GATEWAY_URL/order/$ORDER"
has html "Lamp &amp; shade"
has html "39.98 EUR"

story "Selling"
arrives sam sold
is_well_formed sam sold
is "$(subject)" "Sold: order $NUMBER" "the subject names the order"
has plain "2 x Lamp & shade"
has plain "Total: 39.98 EUR"
for kind in plain html; do
	lacks $kind "$EMAIL_ben"
	lacks $kind "$ID_ben"
done

story "Buying from oneself"
new_user eve
new_item eve '{"name":"Mirror","price":{"amount":1500,"currency":"JPY"}}'
api POST "/buy/$ITEM" "$TOKEN_eve" '{"quantity":1}'
is_status 201
arrives eve receipt
has plain "1,500 JPY"
arrives eve sold

story "A refused purchase"
api POST "/buy/$ITEM" "$TOKEN_ben" '{"quantity":1000}'
is_problem 409 insufficient_stock
# Anything it might have sent would have come before the mail of what is done after it.
api POST "/buy/$ITEM" "$TOKEN_eve" '{"quantity":1}'
is_status 201
ok "eve gets both receipts" eventually "$PATIENCE_S" mail_to "$EMAIL_eve" receipt 2
ok "ben still has one receipt" mail_to "$EMAIL_ben" receipt 1

story "Telling how it goes"
api GET "$NOTIFIER_URL/metrics"
is_status 200
counts() {
	api GET "$NOTIFIER_URL/metrics"
	grep -q "^$1" "$BODY_FILE"
}
for metric in shop_notifier_deliveries_total shop_notifier_jobs shop_notifier_jobs_due \
	shop_notifier_oldest_due_milliseconds shop_notifier_events_total shop_outbox_events \
	shop_outbox_oldest_seconds; do
	ok "/metrics has $metric" eventually 10 counts "$metric"
done

done_testing
