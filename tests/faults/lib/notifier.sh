# shellcheck shell=bash
# What the notifier's fault stories share: purchases by the dozen, and counting their mails.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../integration/lib.sh"
# shellcheck source=tests/integration/sql.sh
. "$SHOP_ROOT/tests/integration/sql.sh"

# A seller with an item, and a buyer, of this story's own: seller_N and buyer_N.
new_trade() { # N
	SELLER=seller_$1 BUYER=buyer_$1
	new_user "$SELLER"
	new_user "$BUYER"
	new_item "$SELLER" '{"stock":100000}'
}

# buys COUNT: BUYER does, one after the other.  Every purchase must succeed.
buys() {
	local i token=TOKEN_$BUYER
	for ((i = 0; i < $1; i++)); do
		api POST "/buy/$ITEM" "${!token}" '{"quantity":1}'
		[ "$STATUS" = 201 ] || {
			fail_answer "purchase $((i + 1)) of $1" "status 201"
			return
		}
	done
	pass "$1 purchases"
}

# Nothing is left to do: every event has become jobs, and every job is finished.
is_quiet() {
	local seller=ID_$SELLER buyer=ID_$BUYER
	[ "$(sql "SELECT count(*) FROM jobs WHERE template IN ('receipt', 'sold')
		AND recipient IN ('${!seller}', '${!buyer}') AND state <> 'queued'")" = $(($1 * 2)) ]
}

# mails_arrive COUNT SECONDS [EXTRA]: BUYER gets COUNT receipts and SELLER as many sold mails, one
# for each purchase; at most EXTRA of them twice, and those under the same Message-ID.
mails_arrive() {
	local seller=EMAIL_$SELLER buyer=EMAIL_$BUYER extra=${3-0} got
	ok "all are sent" eventually "$2" is_quiet "$1"
	{ mails "${!buyer}" receipt; mails "${!seller}" sold; } | tr '\n' '\0' |
		xargs -0r grep -h '^Message-ID:' >"$STORY_DIR/ids"
	is "$(sort -u "$STORY_DIR/ids" | wc -l)" $(($1 * 2)) "each purchase has its receipt and its sold mail"
	got=$(wc -l <"$STORY_DIR/ids")
	if [ "$got" -le $(($1 * 2 + extra)) ]; then
		pass "none comes twice${3:+, but for $extra at most}"
	else
		fail "none comes twice${3:+, but for $extra at most}" "mails: $got"
	fi
	seller=ID_$SELLER buyer=ID_$BUYER
	is "$(sql "SELECT count(*) FROM jobs WHERE state = 'failed' AND recipient IN ('${!seller}', '${!buyer}')")" 0 \
		"none is given up"
}
