#!/bin/bash
# People see what was sent to them, and nobody else's.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack

# shellcheck disable=SC2153  # new_user sets the tokens
{
	new_user sam
	new_user ben
}
new_item sam
api POST "/buy/$ITEM" "$TOKEN_ben"
is_status 201

all_sent() { # TOKEN COUNT
	api GET /notification "$1"
	[ "$(json '[.data[] | select(.status == "sent")] | length')" = "$2" ]
}

story "Ben is told what he was sent"
ok "two mails went out" eventually 20 all_sent "$TOKEN_ben" 2
is_status 200
json_is '[.data[] | [.type, .template]] | sort' '[["order.created","receipt"],["user.registered","welcome"]]'
json_is '.data[0].template' receipt "the newest first"
json_holds '.data[0] | keys == ["attempts","channel","created_at","event_id","id","recipient","status","template","type"]'
json_holds '.data | all(.channel == "email" and .recipient == "'"$ID_ben"'")' "each went to him, by mail"
json_holds '.data | all(.attempts[-1].result == "sent")' "each with its attempts"
json_holds '.data[].attempts[] | keys == ["at","result"]'
json_is .next_cursor null
ok "the receipt is of that event" mail_to "$EMAIL_ben" receipt
is "$(mail_header X-Shop-Event)" "$(json '.data[0].event_id')" "whose id the mail has"

story "A page at a time"
first=$(json '.data[0].id')
api GET '/notification?limit=1' "$TOKEN_ben"
json_is '[.data[].id] | join(" ")' "$first"
header_like Link 'rel="next"'
api GET "/notification?limit=1&cursor=$(json .next_cursor)" "$TOKEN_ben"
json_is '.data[0].template' welcome
json_is .next_cursor null
api GET '/notification?limit=101' "$TOKEN_ben"
is_problem 422 validation_failed
has_parameter_fault limit out_of_range
api GET '/notification?cursor=abc' "$TOKEN_ben"
has_parameter_fault cursor bad_format
api GET '/notification?status=sent' "$TOKEN_ben"
has_parameter_fault status unknown_field

story "Sam was sent other things"
ok "three mails" eventually 20 all_sent "$TOKEN_sam" 3
json_is '[.data[].template] | sort' '["item_listed","sold","welcome"]'
json_holds '.data | all(.recipient == "'"$ID_sam"'")'

story "Nobody else is told"
api GET /notification
is_problem 401 missing_token
api POST /notification "$TOKEN_ben" '{}'
is_problem 405 method_not_allowed
api HEAD /notification "$TOKEN_ben"
is_status 200
body_is_empty

story "The program itself sees no addresses"
url=$(sed -n 's/^export DATABASE_URL_FILE=//p' "$SHOP_STACK_DIR/etc/notifications.fcgi.env")
refused() { # SQL
	! psql -qAtX -d "$(<"$url")" -c "$1" >"$STORY_DIR/said" 2>&1 && grep -q 'permission denied' "$STORY_DIR/said"
}
ok "none of contacts" refused "SELECT email FROM contacts"
ok "no waiting events" refused "SELECT body FROM outbox"
ok "and forges no attempt" refused "INSERT INTO attempts (job_id) VALUES (id_new())"

done_testing
