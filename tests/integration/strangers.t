#!/bin/bash
# Every route of items, tried by everybody whose business it is not.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack
new_user sam # who sells
new_user ben # who buys
new_user eve # who buys elsewhere
new_user kim # who sells elsewhere
new_user root
make_admin root
login root
export TOKEN_nobody=

new_item kim '{"name":"Vase"}'
api POST "/buy/$ITEM" "$TOKEN_eve"
[ "$STATUS" = 201 ] || bail_answer "can't buy"
new_item sam '{"name":"Lamp","stock":5}'
api POST "/buy/$ITEM" "$TOKEN_ben" '{"quantity":9}' -H "Idempotency-Key: $RUN_ID-failed"
[ "$STATUS" = 409 ] || bail_answer "there should not be nine"
api GET '/order?status=failed' "$TOKEN_ben"
FAILED=$(json '.data[0].id')
api POST "/buy/$ITEM" "$TOKEN_ben" '{"quantity":2}'
ORDER=$(json .id)
# A picture of one dot.
base64 -d >"$STORY_DIR/dot.png" <<'END'
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
END

# What the owners see: nothing of it may change.
look_around() {
	local what
	for what in "ben /order/$ORDER" "ben /order/$FAILED" "ben /order" "ben /order?status=failed" \
		"sam /order/$ORDER" "sam /sale" "sam /stats/sales" "sam /item/$ITEM"; do
		local token=TOKEN_${what%% *}
		api GET "${what#* }" "${!token}"
		printf '%s %s\n' "$what" "$STATUS"
		cat "$BODY_FILE"
	done
}

# rule OPERATION WHO: the status that WHO must get; "own": 200, and none of it sam's or ben's;
# "-": it is theirs to do, or anybody's.
rule() {
	case $1/$2 in
	listItems/* | getItem/* | getImage/* | listCategories/*) echo - ;;
	*/nobody) echo 401 ;;
	createItem/* | createOrder/* | buyItem/*) echo - ;;
	replaceItem/root | updateItem/root | adjustStock/root | putImage/root | deleteItem/root) echo - ;;
	replaceItem/sam | updateItem/sam | adjustStock/sam | putImage/sam | deleteItem/sam) echo - ;;
	replaceItem/* | updateItem/* | adjustStock/* | putImage/* | deleteItem/*) echo 403 ;;
	listOrders/ben | listSales/sam | getSalesStatistics/sam) echo - ;;
	listOrders/* | listSales/* | getSalesStatistics/*) echo own ;;
	getOrder/ben | getOrder/sam | getOrder/root) echo - ;;
	cancelOrder/ben) echo - ;;
	cancelOrder/sam | cancelOrder/root) echo 403 ;;
	shipOrder/sam | deliverOrder/sam | refundOrder/sam) echo - ;;
	shipOrder/root | deliverOrder/root | refundOrder/root) echo - ;;
	shipOrder/ben | deliverOrder/ben | refundOrder/ben) echo 403 ;;
	getOrder/* | cancelOrder/* | shipOrder/* | deliverOrder/* | refundOrder/*) echo 404 ;;
	*) echo "no rule for $1" ;;
	esac
}

body_of() { # OPERATION
	case $1 in
	createItem | replaceItem) echo '{"name":"Mine","price":{"amount":1,"currency":"EUR"},"stock":1}' ;;
	updateItem) echo '{"name":"Mine"}' ;;
	adjustStock) echo '{"delta":-1}' ;;
	putImage) echo "@$STORY_DIR/dot.png" ;;
	createOrder) echo "{\"lines\":[{\"item_id\":\"$ITEM\",\"quantity\":1}]}" ;;
	refundOrder) echo '{"restock":true}' ;;
	esac
}

try() { # METHOD PATH OPERATION WHO WANTED
	local token=TOKEN_$4 options=()
	[ "$3" != putImage ] || options=(-H 'Content-Type: image/png')
	# Their own version is not what they lack.
	[ "$3" != replaceItem ] || options=(-H 'If-Match: *')
	api "$1" "$2" "${!token}" "$(body_of "$3")" "${options[@]}"
	if [ "$5" = own ]; then
		is_status 200 "$3: $4 may look at their own"
		ok "$3: $4 sees none of the others'" \
			[ "$(grep -cE "$ORDER|$FAILED|$ID_ben|$ID_sam" "$BODY_FILE")" = 0 ]
	else
		is_status "$5" "$3 is not $4's: $5"
	fi
}

BEFORE=$(look_around)
routes=0
while read -r method pattern operation _; do
	path=$pattern
	case $pattern in
	/order/*) path=${pattern/'{id}'/$ORDER} ;;
	*) path=${pattern/'{id}'/$ITEM} ;;
	esac
	story "$method $pattern"
	for who in nobody eve kim root sam ben; do
		wanted=$(rule "$operation" "$who")
		[ "$wanted" = - ] || try "$method" "$path" "$operation" "$who" "$wanted"
	done
	routes=$((routes + 1))
done < <("$BUILD/items.fcgi" --routes)
story "All of them"
ok "there are some" [ "$routes" -gt 10 ]

story "An order that failed"
for who in nobody eve kim sam; do
	token=TOKEN_$who
	for step in '' /cancel /ship /deliver /refund; do
		method=POST
		[ -n "$step" ] || method=GET
		api "$method" "/order/$FAILED$step" "${!token}"
		is_status "$([ "$who" = nobody ] && echo 401 || echo 404)" "$method $step: it is none for $who"
	done
done
is "$(look_around)" "$BEFORE" "nothing has changed for those whose it is"

done_testing
