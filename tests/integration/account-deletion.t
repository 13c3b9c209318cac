#!/bin/bash
# Somebody who sold, bought and was told of it leaves: no store holds the address or the name after.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack

new_user ada
new_user ben
name="Augusta King $RUN_ID"

# What every store of the shop holds; `look` keeps it in $STORY_DIR/all.
everything() {
	pg_dump --data-only --inserts -d "$AUTH_DATABASE_OWNER_URL" &&
		pg_dump --data-only --inserts -d "$NOTIFIER_DATABASE_OWNER_URL" &&
		"${BUILD:-$SHOP_ROOT/build/release}/tests/documents" "$MONGODB_URI" "$MONGODB_DATABASE"
}
look() {
	everything >"$STORY_DIR/all" || bail "the stores can't be read"
}

story "Ada sells, buys, and has her programs told"
api PATCH /auth/me "$TOKEN_ada" "{\"name\":\"$name\",\"locale\":\"de\"}"
is_status 200
new_item ada "{\"name\":\"Chair $RUN_ID\",\"description\":\"Write to $EMAIL_ada, $name\",\"tags\":[\"chair\"]}"
chair=$ITEM
api POST "/buy/$chair" "$TOKEN_ben" '{"quantity":2}'
is_status 201
sold=$(json .id)
new_item ben
api POST "/buy/$ITEM" "$TOKEN_ada"
is_status 201
bought=$(json .id)
api POST /webhook "$TOKEN_ada" "{\"url\":\"http://127.0.0.1:9/$RUN_ID-of-ada\",\"events\":[\"order.created\"]}"
is_status 201
for template in welcome sold receipt; do
	ok "the mail $template came" eventually 30 mail_to "$EMAIL_ada" "$template"
done
mails_know_her() {
	[ "$(psql -qAtX -d "$NOTIFIER_DATABASE_OWNER_URL" \
		-c "SELECT count(*) FROM contacts WHERE name = '$name'")" = 1 ]
}
ok "her new name is known to the mails" eventually 30 mails_know_her
look
ok "PostgreSQL knows her address" grep -q "INSERT INTO public.users .*$EMAIL_ada" "$STORY_DIR/all"
ok "so do the mails" grep -q "INSERT INTO public.contacts .*$EMAIL_ada" "$STORY_DIR/all"
ok "and MongoDB her name" grep -q "^items .*$name" "$STORY_DIR/all"
ok "and her webhook" grep -q "$RUN_ID-of-ada" "$STORY_DIR/all"

story "She leaves"
api DELETE /auth/me "$TOKEN_ada" "{\"password\":\"$PASSWORD_ada\"}"
is_status 204
gone() {
	look
	! grep -iE "$EMAIL_ada|$name|$RUN_ID-of-ada" "$STORY_DIR/all" >"$STORY_DIR/left"
}
if eventually 30 gone; then
	pass "no store holds her address, her name or her webhook's"
else
	fail "no store holds her address, her name or her webhook's" "$(cut -c 1-300 "$STORY_DIR/left")"
fi
api GET "/item/$chair"
is_problem 404 not_found "her chair has left the catalogue"

story "What was bought stays bought"
api GET "/order/$sold" "$TOKEN_ben"
is_status 200
json_is '.lines[0].seller_id' "$ID_ada" "from whom, by id"
json_is '.lines[0].quantity' 2
json_is '.total.amount' 3998
api GET /sale "$TOKEN_ben"
json_is "[.data[] | select(.id == \"$bought\") | .buyer_id] | join(\" \")" "$ID_ada" "and to whom"

done_testing
