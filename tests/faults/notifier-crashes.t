#!/bin/bash
# The notifier dies at its worst moments, as if by kill -9, and nothing is lost.
# shellcheck source=tests/faults/lib/notifier.sh
. "$(dirname "$0")/lib/notifier.sh"
use_stack

is_dead() {
	! "$SHOP_ROOT/dev/stack" pid notifier >/dev/null 2>&1
}

# dies_at POINT COUNT: COUNT purchases meet a notifier that dies at POINT.
dies_at() {
	stack set notifier "CRASH_AT=$1"
	stack restart notifier
	buys "$2"
	ok "the notifier dies at $1" eventually 30 is_dead
	stack set notifier CRASH_AT=
	stack start notifier
}

story "It dies between the commit of its jobs and the acknowledgement"
new_trade 5
dies_at notifier.planned 10
mails_arrive 10 30

story "It dies when the mail server has said 250, before it is recorded"
new_trade 6
dies_at notifier.sent:3 10
# The mails that its workers were at come back when their leases end.  Those may be repeated whose
# 250 came; their readers can tell by the Message-ID.
mails_arrive 10 90 4

story "It is killed again and again"
new_trade 7
for _ in 1 2 3 4 5; do
	buys 10
	stack kill notifier
	stack start notifier
done
mails_arrive 50 120 20

story "The relay dies between the broker's confirm and its note of it"
new_trade 8
seller=EMAIL_$SELLER
ok "what was to be published before is" eventually 30 mail_to "${!seller}" item_listed
stack set items CRASH_AT=relay.published
stack restart items
items_before=$("$SHOP_ROOT/dev/stack" pid items)
items_died() {
	[ "$("$SHOP_ROOT/dev/stack" pid items 2>/dev/null || echo gone)" != "$items_before" ]
}
# Its answer and its event leave at the same time: who hears nothing asks again.
bought() {
	local token=TOKEN_$BUYER
	api POST "/buy/$ITEM" "${!token}" '{"quantity":1}' -H "Idempotency-Key: $RUN_ID"
	[ "$STATUS" = 201 ]
}
ok "one purchase" eventually 20 bought
ok "the program dies" eventually 20 items_died
stack set items CRASH_AT=
stack restart items
mails_arrive 1 60

done_testing
