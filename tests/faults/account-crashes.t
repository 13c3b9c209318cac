#!/bin/bash
# A seller's account is deleted: what it sold leaves the catalogue, whatever dies meanwhile.
# shellcheck source=tests/faults/lib/purchase.sh
. "$(dirname "$0")/lib/purchase.sh"
use_stack

new_market 1
new_user other
new_item other '{"name":"Vase"}'
KEPT=$ITEM

# Is none of ITEMS in the catalogue?
all_gone() {
	local item
	for item in "${ITEMS[@]}"; do
		api GET "/item/$item"
		[ "$STATUS" = 404 ] || return 1
	done
}
# By whichever process it was: before all is well it may have died, and been started, more than once.
handled() {
	grep -q "items are out of the catalogue.*$ID_seller" "$LOG_DIR/items.log"
}

story "Dying while the items go"
new_items 3 5
api POST "/buy/${ITEMS[0]}" "$TOKEN_buyer0"
ORDER=$(json .id)
count_crashes
stack set items CRASH_AT=retire.archived
stack restart items
api DELETE /auth/me "$TOKEN_seller" "{\"password\":\"$PASSWORD_seller\"}"
is_status 204
ok "it dies at retire.archived" eventually 60 has_died_at retire.archived
stack set items CRASH_AT=
stack restart items
ok "all of them are out of the catalogue" eventually 60 all_gone
ok "and the event is done with" eventually 60 handled
api GET "/item?seller_id=$ID_seller"
json_is .data '[]'
api GET "/order/$ORDER" "$TOKEN_buyer0"
json_is '.lines[0].name' "Lamp $RUN_ID" "an order keeps the name that was sold"
api POST "/order/$ORDER/cancel" "$TOKEN_buyer0"
is_status 200 "and can be cancelled"
api GET "/item/$KEPT"
is_status 200 "what others sell stays"
for ITEM in "${ITEMS[@]}"; do
	ok "its events went out" eventually 60 is_at_rest
done

done_testing
