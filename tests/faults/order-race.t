#!/bin/bash
# Fifty people want overlapping sets of things at the same moment, and then all of them give back.
# shellcheck source=tests/faults/lib/purchase.sh
. "$(dirname "$0")/lib/purchase.sh"
use_stack

new_market 10

story "50 buyers, each with 4 of 8 things in any order, 12 of each"
new_items 8 12
LINES_EACH=4
ok "every buyer is told" crowd 50 50
all_hold 12
is "$SOLD" $((4 * $(outcomes 201))) "a whole order for each who was told so, and nothing for the others"
is $(($(outcomes 201) + $(outcomes 409 insufficient_stock))) 50 "each has bought or hears what there is none of"
ok "some had to go without" [ "$(outcomes 409)" -gt 0 ]

# Each order is given up by six at once: three times its buyer cancels, three times its seller refunds.
# Each of the six goes through all orders, one after the other, so that they meet at every one.
give_back() { # STEP ORDER TOKEN
	printf 'next\nurl = "%s/order/%s/%s"\nrequest = POST\nheader = "Authorization: Bearer %s"\noutput = /dev/null\nwrite-out = "%%{http_code} %s\\n"\nsilent\nnoproxy = "*"\n' \
		"$GATEWAY_URL" "$2" "$1" "$3" "$2/$1"
}
story "All are given back, each six times at once"
declare -A OWNER # an order's: the buyer's token
index=0
while read -r _ status order _; do
	[ "$status" != 201 ] || OWNER[$order]=$(sed -n "$((index % 10 + 1))p" "$TOKENS")
	index=$((index + 1))
done <"$OUTCOMES"
for order in "${!OWNER[@]}"; do
	give_back cancel "$order" "${OWNER[$order]}" >>"$STORY_DIR/cancels"
	give_back refund "$order" "$TOKEN_seller" >>"$STORY_DIR/refunds"
done
for each in {1..3}; do
	for requests in cancels refunds; do
		sed 1d "$STORY_DIR/$requests" | curl --config - 2>>"$STORY_DIR/curl" >"$STORY_DIR/$requests.$each" &
	done
done
wait
cat "$STORY_DIR"/{cancels,refunds}.* >"$STORY_DIR/answers"
is "$(wc -l <"$STORY_DIR/answers")" $((6 * $(outcomes 201))) "every request is answered"
is "$(grep -cv '^\(200\|409\|50[34]\) ' "$STORY_DIR/answers")" 0 \
	"each is taken, comes too late or can't tell in time"

# Who hears 503 doesn't know whether the step was taken, and asks again; the store knows.
has_given_back() { # ORDER
	api POST "/order/$1/cancel" "${OWNER[$1]}"
	[ "$STATUS" = 200 ] || [ "$STATUS" = 409 ]
}
# The order took one step back, and whoever was told so, one at most, was told of that one.
was_given_back_once() { # ORDER
	local told steps
	told=$(sed -n "s,^200 $1/,,p" "$STORY_DIR/answers")
	if [ -z "$told" ]; then
		grep -q "^50[34] $1/" "$STORY_DIR/answers" && eventually 15 has_given_back "$1" || return 1
	fi
	api GET "/order/$1" "${OWNER[$1]}"
	steps=$(json '[.history[].status | select(. == "cancelled" or . == "refunded")] | join(" ")')
	case "$told:$steps" in
	cancel:cancelled | refund:refunded | :cancelled | :refunded) ;;
	*) return 1 ;;
	esac
}
wrong=0
for order in "${!OWNER[@]}"; do
	was_given_back_once "$order" || {
		note "$order:" "$(json .history)" "$(grep " $order/" "$STORY_DIR/answers")"
		wrong=$((wrong + 1))
	}
done
is "$wrong" 0 "one of each six is taken"
all_hold 12
is "$SOLD" 0 "everything is back, once"

done_testing
