#!/bin/bash
# What an endpoint was sent, as its owner sees it: deliveries and their attempts, sent again, a ping,
# a new secret.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/receiver.sh
. "$(dirname "$0")/receiver.sh"
use_stack
start_receiver

PATIENCE_S=10

# shellcheck disable=SC2153  # new_user sets the tokens
{
	new_user sam
	new_user ben
	new_user eve
}
new_item sam '{"name":"Lamp","stock":1000}'

# hook NAME EVENT [QUERY]: Sam's webhook NAME at the receiver; sets HOOK_NAME to its id.
hook() {
	api POST /webhook "$TOKEN_sam" "$(jq -nc --arg url "$RECEIVER/$1${3:+?$3}" --arg event "$2" \
		'{$url, events: [$event]}')"
	[ "$STATUS" = 201 ] || bail_answer "can't make a webhook"
	json .secret >"$RECEIVER_DIR/secrets/$1"
	printf -v "HOOK_$1" '%s' "$(json .id)"
}
buy() {
	api POST "/buy/$ITEM" "$TOKEN_ben"
	[ "$STATUS" = 201 ] || bail_answer "can't buy"
}
newest_is() { # NAME FILTER: it holds for the newest delivery
	local id=HOOK_$1
	api GET "/webhook/${!id}/delivery" "$TOKEN_sam"
	[ "$STATUS" = 200 ] && jq -e ".data[0] | $2" "$BODY_FILE" >/dev/null
}

story "A sale reaches Sam's endpoint"
hook shop order.created
hook frail order.created 'status=500&first=1'
buy
ok "it is called" eventually "$PATIENCE_S" called shop 1
is "$(call shop .signed_by)" "[0]" "signed by the secret that it was made with"
ok "it is shown as delivered" eventually "$PATIENCE_S" newest_is shop '.status == "delivered"'
json_holds '.data[0] | keys == ["attempts","event_id","event_type","id","next_attempt_at","status"]'
json_is '.data[0].event_type' order.created
json_is '.data[0].event_id' "$(call shop .event.id)"
json_is '.data[0].next_attempt_at' null
json_holds '.data[0].attempts[0] | keys == ["at","duration_ms","error","response","status_code"]'
json_is '.data[0].attempts[0].status_code' 204
json_is '.data[0].attempts[0].error' null
delivery=$(json '.data[0].id')
api GET "/webhook/$HOOK_shop/delivery" "$TOKEN_eve"
is_problem 404 not_found "Eve is not told"

story "One that fails is tried again, and shows it"
ok "it waits for its next attempt" eventually "$PATIENCE_S" newest_is frail \
	'(.attempts[0].status_code == 500) and (.status == "delivered" or .next_attempt_at != null)'
ok "it is delivered in the end" eventually 20 newest_is frail '.status == "delivered"'
json_is '[.data[0].attempts[].status_code]' '[500,204]'

story "Sam has it sent again"
api POST "/webhook/$HOOK_shop/delivery/$delivery/redeliver" "$TOKEN_eve"
is_problem 404 not_found "Eve can't"
api POST "/webhook/$HOOK_frail/delivery/$delivery/redeliver" "$TOKEN_sam"
is_problem 404 not_found "nor is it another webhook's"
api POST "/webhook/$HOOK_shop/delivery/$delivery/redeliver" "$TOKEN_sam"
is_status 202
json_is .id "$delivery"
json_is .status pending
json_like .next_attempt_at '^20'
ok "it is called again" eventually "$PATIENCE_S" called shop 2
is "$(jq -rn '[inputs | select(.name == "shop") | .headers["webhook-id"]] | unique | length' \
	"$RECEIVER_DIR/calls")" 1 "under the same id"
ok "both attempts are shown" eventually "$PATIENCE_S" newest_is shop \
	'.status == "delivered" and (.attempts | length) == 2'
json_is '.data | length' 1 "it is one delivery still"

story "A ping, by a new secret and the one before it"
api POST "/webhook/$HOOK_shop/secret" "$TOKEN_sam"
is_status 201
json .secret >>"$RECEIVER_DIR/secrets/shop"
api POST "/webhook/$HOOK_shop/ping" "$TOKEN_sam"
is_status 202
json_is .event_type webhook.ping
json_is .attempts '[]'
ok "it is called" eventually "$PATIENCE_S" called shop 1 '.event.type == "webhook.ping"'
ok "both secrets signed" called shop 1 '.event.type == "webhook.ping" and (.signed_by | sort) == [0, 1]'
is "$(jq -rn 'first(inputs | select(.event.type == "webhook.ping")) | .event.data.webhook.id' \
	"$RECEIVER_DIR/calls")" "$HOOK_shop" "it tells which webhook"
ok "and is a delivery like others" eventually "$PATIENCE_S" newest_is shop \
	'.event_type == "webhook.ping" and .status == "delivered"'
api GET "/webhook/$HOOK_shop/delivery?limit=1" "$TOKEN_sam"
json_is '[.data[].event_type]' '["webhook.ping"]'
api GET "/webhook/$HOOK_shop/delivery?limit=1&cursor=$(json .next_cursor)" "$TOKEN_sam"
json_is '[.data[].id]' "[\"$delivery\"]"
json_is .next_cursor null

story "An endpoint that is gone is disabled, and Sam takes it up again"
hook gone order.created 'status=410'
buy
disabled() {
	api GET "/webhook/$HOOK_gone" "$TOKEN_sam"
	[ "$(json .status)" = disabled ]
}
ok "it is disabled" eventually "$PATIENCE_S" disabled
json_like .disabled_reason '410' "with its reason"
api GET "/webhook/$HOOK_gone/delivery" "$TOKEN_sam"
json_is '.data[0].status' failed
api POST "/webhook/$HOOK_gone/delivery/$(json '.data[0].id')/redeliver" "$TOKEN_sam"
is_problem 409 conflict
api PATCH "/webhook/$HOOK_gone" "$TOKEN_sam" "{\"status\":\"active\",\"url\":\"$RECEIVER/gone\"}"
json_is '[.status, .disabled_reason]' '["active",null]'
api GET "/webhook/$HOOK_gone/delivery" "$TOKEN_sam"
api POST "/webhook/$HOOK_gone/delivery/$(json '.data[0].id')/redeliver" "$TOKEN_sam"
is_status 202
ok "what was lost is delivered" eventually "$PATIENCE_S" newest_is gone '.status == "delivered"'

story "With the webhook its deliveries go"
ok "it has been called for every sale" eventually "$PATIENCE_S" newest_is shop \
	'.event_type == "order.created" and .status == "delivered"'
ok "and so has the other one" eventually "$PATIENCE_S" called frail 3
api DELETE "/webhook/$HOOK_shop" "$TOKEN_sam"
is_status 204
is "$(sql "SELECT count(*) FROM jobs WHERE recipient = '$HOOK_shop'")" 0 "none is left"
shop=$(calls shop)
buy
ok "others are called" eventually "$PATIENCE_S" called frail 4
is "$(calls shop)" "$shop" "it is not"

story "And with the account its webhooks"
api DELETE /auth/me "$TOKEN_sam" "$(jq -nc --arg password "$PASSWORD_sam" '{$password}')"
is_status 204
ok "none is left" eventually "$PATIENCE_S" sql_is "0 0" \
	"SELECT (SELECT count(*) FROM webhooks WHERE owner_id = '$ID_sam') || ' ' ||
	(SELECT count(*) FROM jobs WHERE recipient IN ('$HOOK_frail', '$HOOK_gone'))"

done_testing
