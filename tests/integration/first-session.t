#!/bin/bash
# The first session, as `make run` prints it and the README shows it, works when pasted.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack

story "The first session"
# Under names of this run, at this stack's address; else as it stands there.
sed "s#http://127.0.0.1:8080#$GATEWAY_URL#; s#@example\.org#-$RUN_ID@example.org#" \
	"$SHOP_ROOT/dev/first-session.sh" >"$STORY_DIR/session"
REQUEST="the pasted session"
bash <"$STORY_DIR/session" >"$STORY_DIR/printed" 2>"$STORY_DIR/complaints"
is "$?" 0 "ends well"
is "$(cat "$STORY_DIR/complaints")" "" "complains of nothing"

jq -s . "$STORY_DIR/printed" >"$BODY_FILE"
json_is length 6 "prints six answers"
json_is '.[0].name' sam "registers Sam"
json_is '.[1].email' "ben-$RUN_ID@example.org" "registers Ben"
json_is '.[2].name' "Desk lamp" "shows the lamp"
json_is '.[2].stock' 3 "of which there are three"
json_is '.[3].status' confirmed "Ben's order is confirmed"
json_is '.[3].total' '{"amount":3998,"currency":"EUR"}' "over twice 19.99 euros"
json_is '.[4]' 1 "one lamp is left"
json_is '.[5]' shipped "the order is shipped"
order=$(json '.[3].number')

story "The mailboxes afterwards"
for mail in "sam welcome" "ben welcome" "sam item_listed" "ben receipt" "sam sold" "ben shipped"; do
	read -r who template <<<"$mail"
	ok "$who has $template, once" eventually 30 mail_to "$who-$RUN_ID@example.org" "$template"
done
mail_to "ben-$RUN_ID@example.org" receipt
text=$(mail_text)
ok "the receipt names the order" grep -qF "$order" <<<"$text"
ok "the receipt names the lamp" grep -qF "Desk lamp" <<<"$text"

done_testing
