#!/bin/bash
# What becomes of an order: cancelled, shipped, delivered, refunded, each by whose step it is.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack
new_user ann
new_user sid
new_user bea
new_user eve
new_user root
make_admin root
login root

step() { # USER STEP [BODY]: of ORDER
	local token=TOKEN_$1
	api POST "/order/$ORDER/$2" "${!token}" "${3-}"
}
# stocks A B: what is left of the lamp and the book.
stocks() {
	local got
	api GET "/item/$LAMP"
	got=$(json .stock)
	api GET "/item/$BOOK"
	is "$got $(json .stock)" "$*" "$1 lamps and $2 books are left"
}
new_order() { # Of two lamps, by ann, and one book, by sid.
	api POST /order "$TOKEN_bea" "{\"lines\":[{\"item_id\":\"$LAMP\",\"quantity\":2},{\"item_id\":\"$BOOK\",\"quantity\":1}]}"
	[ "$STATUS" = 201 ] || bail_answer "can't order"
	ORDER=$(json .id)
}
new_item ann '{"name":"Lamp","stock":20}'
LAMP=$ITEM
new_item sid '{"name":"Book","stock":10}'
BOOK=$ITEM

story "The buyer cancels"
new_order
stocks 18 9
for who in ann sid root; do
	step "$who" cancel
	is_problem 403 forbidden "not $who's to cancel"
done
step eve cancel
is_problem 404 not_found "nor may eve know of it"
api POST "/order/$ORDER/cancel"
is_problem 401 missing_token
step bea cancel '{"reason":"x"}'
is_problem 422 validation_failed
stocks 18 9
step bea cancel
is_status 200
json_is '[.status, (.lines[] | .status)]' '["cancelled","cancelled","cancelled"]'
json_is '.history | last | [.status, .by]' "[\"cancelled\",\"$ID_bea\"]"
TOLD=$BODY
TAG=$(header ETag)
stocks 20 10
api GET "/order/$ORDER" "$TOKEN_bea"
is "$BODY" "$TOLD" "the order is as it was told"
header_is ETag "$TAG"
for who in bea ann; do
	step "$who" "$([ "$who" = bea ] && echo cancel || echo ship)"
	is_problem 409 invalid_transition
done
stocks 20 10

story "Each seller ships and delivers their own"
new_order
step bea ship
is_problem 403 forbidden "not the buyer's to ship"
step eve ship
is_problem 404 not_found
step ann deliver
is_problem 409 invalid_transition "not before it is shipped"
step ann ship '{"tracking":"LX 42"}'
is_status 200
json_is '[.status, (.lines[] | [.name, .status, .tracking])]' '["shipped",["Lamp","shipped","LX 42"]]' "ann is told of her line"
json_is .total.amount 3998
api GET "/order/$ORDER" "$TOKEN_bea"
json_is '[.status, (.lines[] | [.status, .tracking])]' '["confirmed",["shipped","LX 42"],["confirmed",null]]' \
	"the order is as its least advanced line"
api GET "/order/$ORDER" "$TOKEN_sid"
json_is '[.status, (.history | last | .status)]' '["confirmed","confirmed"]' "sid hears nothing of it"
step ann ship
is_problem 409 invalid_transition "not twice"
step bea cancel
is_problem 409 invalid_transition "too late to cancel"
stocks 18 9
step sid ship '{}'
is_status 200
api GET "/order/$ORDER" "$TOKEN_bea"
json_is .status shipped
step ann deliver
is_status 200
step sid deliver
is_status 200
api GET "/order/$ORDER" "$TOKEN_bea"
json_is '[.status, (.lines[] | .status)]' '["delivered","delivered","delivered"]'
json_is '[.history[].status] | join(" ")' "pending confirmed shipped shipped delivered delivered"
while IFS='|' read -r what body pointer code; do
	step ann "$what" "$body"
	is_problem 422 validation_failed "$what $body"
	has_field_fault "$pointer" "$code"
done <<END
ship|{"tracking":""}|/tracking|too_short
ship|{"tracking":"a\u0007b"}|/tracking|bad_format
ship|{"tracking":7}|/tracking|wrong_type
ship|{"restock":true}|/restock|unknown_field
refund|{"restock":"yes"}|/restock|wrong_type
deliver|{"tracking":"x"}|/tracking|unknown_field
END

story "Refunds"
step ann refund
is_status 200
json_is .status refunded
stocks 18 9
step sid refund '{"restock":true}'
is_status 200
stocks 18 10
api GET "/order/$ORDER" "$TOKEN_bea"
json_is '[.status, .total.amount]' '["refunded",5997]' "what was sold stays as it was sold"
step sid refund
is_problem 409 invalid_transition "once"
stocks 18 10
new_order
step bea refund
is_problem 403 forbidden "not the buyer's to refund"
step ann refund
is_status 200
stocks 18 9
api GET "/order/$ORDER" "$TOKEN_bea"
json_is '[.status, (.lines[] | .status)]' '["confirmed","refunded","confirmed"]' "what was not shipped went back"
step bea cancel
is_problem 409 invalid_transition "it can't be cancelled as a whole any more"
step sid refund
stocks 18 10

story "An admin acts on all lines"
new_order
step root ship '{"tracking":"A1"}'
is_status 200
json_is '[.status, (.lines[] | .tracking)]' '["shipped","A1","A1"]'
step root refund '{"restock":true}'
is_status 200
stocks 18 10

story "What is out of the catalogue takes its stock back"
new_order
api DELETE "/item/$LAMP" "$TOKEN_ann"
is_status 204
step bea cancel
is_status 200
api GET "/item/$BOOK"
json_is .stock 10

story "Six at once"
new_item ann '{"name":"Vase","stock":3}'
api POST "/buy/$ITEM" "$TOKEN_bea" '{"quantity":3}'
ORDER=$(json .id)
for i in 1 2 3 4 5 6; do
	if [ $((i % 2)) = 0 ]; then what=cancel token=$TOKEN_bea; else what=refund token=$TOKEN_ann; fi
	curl -sS -o /dev/null -w '%{http_code}\n' --noproxy '*' -X POST \
		"$GATEWAY_URL/order/$ORDER/$what" -H "Authorization: Bearer $token" >"$STORY_DIR/step$i" &
done
wait
is "$(sort "$STORY_DIR"/step? | tr '\n' ' ')" "200 409 409 409 409 409 " "one of them is taken"
api GET "/item/$ITEM"
json_is .stock 3 "the stock is back once"

done_testing
