#!/bin/bash
# What a seller sold: the list, and the sums.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack
new_user ann
new_user sid
new_user bea
new_user eve

new_item ann '{"name":"Lamp","price":{"amount":1999,"currency":"EUR"},"stock":50}'
LAMP=$ITEM
new_item ann '{"name":"Kimono","price":{"amount":9000,"currency":"JPY"},"stock":50}'
KIMONO=$ITEM
new_item sid '{"name":"Book","price":{"amount":500,"currency":"EUR"},"stock":50}'
BOOK=$ITEM
order() { # USER ITEM QUANTITY [ITEM QUANTITY]
	local token=TOKEN_$1
	api POST /order "${!token}" "$(jq -nc '{lines: [$ARGS.positional | _nwise(2) | {item_id: .[0], quantity: (.[1] | tonumber)}]}' --args "${@:2}")"
	[ "$STATUS" = 201 ] || bail_answer "can't order"
	ORDER=$(json .id)
}

story "Sales"
order bea "$LAMP" 2 "$BOOK" 1
BOTH=$ORDER
order bea "$KIMONO" 3
order bea "$BOOK" 2
order ann "$LAMP" 1
OWN=$ORDER
api POST "/buy/$LAMP" "$TOKEN_bea" '{"quantity":1000}'
is_problem 409 insufficient_stock
api GET /sale "$TOKEN_ann"
is_status 200
json_is '[.data[] | [.lines[] | .name]] | tostring' '[["Lamp"],["Kimono"],["Lamp"]]' "newest first, failed ones never"
json_is '.data[2] | [.id, .total.amount, (.lines | length)]' "[\"$BOTH\",3998,1]" "one's own lines, and what they come to"
header_is Cache-Control no-store
api GET /sale "$TOKEN_sid"
json_is '[.data[].total.amount]' '[1000,500]'
for who in bea eve; do
	token=TOKEN_$who
	api GET /sale "${!token}"
	json_is .data '[]' "$who sold nothing"
done
api GET /sale
is_problem 401 missing_token
api POST "/order/$BOTH/ship" "$TOKEN_ann"
is_status 200
api GET '/sale?status=shipped' "$TOKEN_ann"
json_is '[.data[] | [.id, .status]]' "[[\"$BOTH\",\"shipped\"]]" "by the status of one's own lines"
api GET '/sale?status=shipped' "$TOKEN_sid"
json_is .data '[]'
api GET '/sale?status=confirmed' "$TOKEN_sid"
json_is '.data | length' 2
api GET '/sale?status=failed' "$TOKEN_ann"
json_is .data '[]'
api GET '/sale?limit=2' "$TOKEN_ann"
json_is '.data | length' 2
cursor=$(json .next_cursor)
order eve "$LAMP" 1
api GET "/sale?limit=2&cursor=$cursor" "$TOKEN_ann"
json_is '[.data[].id]' "[\"$BOTH\"]" "the next page, whatever came meanwhile"
api GET "/order?cursor=$cursor" "$TOKEN_ann"
is_problem 422 validation_failed "a cursor belongs to its list"
api GET "/sale?status=shipped&cursor=$cursor" "$TOKEN_ann"
is_problem 422 validation_failed "and to its filter"
api GET '/sale?status=lost' "$TOKEN_ann"
has_parameter_fault status not_allowed

story "Sums"
api GET /stats/sales "$TOKEN_ann"
is_status 200
# Unless midnight has passed since, and then there are two days.
json_is '[.data | group_by(.currency)[] | [.[0].currency, ([.[].revenue.amount] | add), ([.[].units] | add), ([.[].orders] | add)]]' \
	'[["EUR",7996,4,3],["JPY",27000,3,1]]' "the last 30 days, by currency"
json_is '.data[0] | keys_unsorted | join(" ")' "from currency revenue units orders"
json_like '.data[0].from' 'T00:00:00.000Z$'
for interval in week month; do
	api GET "/stats/sales?interval=$interval" "$TOKEN_ann"
	json_is '[.data[].units] | add' 7 "by $interval"
done
api POST "/order/$OWN/cancel" "$TOKEN_ann"
api POST "/order/$BOTH/refund" "$TOKEN_ann" '{"restock":true}'
api GET /stats/sales "$TOKEN_ann"
json_is '[.data[] | select(.currency == "EUR") | .units] | add' 1 "cancelled and refunded lines don't count"
api GET /stats/sales "$TOKEN_sid"
json_is '[([.data[].revenue.amount] | add), ([.data[].units] | add)]' '[1500,3]' "sid's are his own"
api GET /stats/sales "$TOKEN_bea"
json_is .data '[]'
api GET "/stats/sales?from=2000-01-01&to=2001-01-01T00:00:00Z" "$TOKEN_ann"
json_is .data '[]'
api GET "/stats/sales?from=$(date -u -d '-1 day' +%Y-%m-%d)&to=$(date -u -d '+1 day' +%Y-%m-%d)&interval=day" "$TOKEN_ann"
json_holds '.data | length > 0'
api GET /stats/sales
is_problem 401 missing_token
while IFS='|' read -r query parameter code; do
	api GET "/stats/sales?$query" "$TOKEN_ann"
	is_problem 422 validation_failed "$query"
	has_parameter_fault "$parameter" "$code"
done <<'END'
interval=year|interval|not_allowed
from=yesterday|from|bad_format
from=2026-02-01&to=2026-01-01|to|out_of_range
currency=EUR|currency|unknown_field
END

done_testing
