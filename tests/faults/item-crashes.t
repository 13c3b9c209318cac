#!/bin/bash
# items.fcgi dies while a picture is put, when an item was changed, and while one is listed.
# shellcheck source=tests/faults/lib/purchase.sh
. "$(dirname "$0")/lib/purchase.sh"
use_stack
new_user seller
new_item seller
IMAGE=/item/$ITEM/image
# Who listens is told of every change that was made.
api POST /webhook "$TOKEN_seller" '{"url":"https://hooks.example.org/","events":["item.updated"]}'
WEBHOOK=$(json .id)

# picture FILE: a PNG's header, and what makes it three chunks long.
picture() {
	{
		printf '\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x02\x80\x00\x00\x01\xe0\x08\x02\x00\x00\x00abcd'
		head -c 600000 /dev/urandom
	} >"$1"
}
# dies_at POINT METHOD PATH BODY [CURL OPTION...]: items dies at POINT while the seller asks; it comes
# back by itself, and as it should be.
dies_at() {
	local point=$1
	shift
	stack set items "CRASH_AT=$point"
	stack restart items
	stack set items CRASH_AT=
	count_crashes
	api "$1" "$2" "$TOKEN_seller" "${@:3}"
	ok "it dies at $point" eventually 20 has_died_at "$point"
	ok "no answer is given" [ "${STATUS:0:1}" != 2 ]
	ok "it is back" eventually 20 is_ready "$ITEMS_URL"
}
put() { # FILE
	api PUT "$IMAGE" "$TOKEN_seller" "@$1" -H 'Content-Type: image/png'
}
dies_putting() { # POINT FILE
	dies_at "$1" PUT "$IMAGE" "@$2" -H 'Content-Type: image/png'
}
shows() { # FILE WHAT
	api GET "$IMAGE"
	ok "$2" cmp -s "$BODY_FILE" "$1"
}
# How many files and chunks there are.
holds_images() { # FILES CHUNKS WHAT [swept]
	is "$("$BUILD/tests/images" "$MONGODB_URI" "$MONGODB_DATABASE" "$ITEM" ${4:+"$4"})" "$1 $2" "$3"
}
picture "$STORY_DIR/one"
picture "$STORY_DIR/two"

story "Dying while the first picture comes"
dies_putting image.chunk "$STORY_DIR/one"
holds_images 1 1 "a part of it is there"
api GET "$IMAGE"
is_problem 404 not_found "and shown to nobody"
api GET "/item/$ITEM"
json_is '[.version, .image_url]' '[1,null]'
put "$STORY_DIR/one"
is_status 204 "once more"
shows "$STORY_DIR/one" "it is there"
holds_images 1 3 "and what was left is swept up" swept

story "Dying when the next one is whole, and its item does not name it"
dies_putting image.stored "$STORY_DIR/two"
holds_images 2 6 "there are two"
shows "$STORY_DIR/one" "the first one is shown"
holds_images 1 3 "the other is swept up" swept
shows "$STORY_DIR/one" "and not the one that is shown"

story "Dying when the item names it, and the first one is still there"
dies_putting image.named "$STORY_DIR/two"
holds_images 2 6 "there are two"
shows "$STORY_DIR/two" "the new one is shown"
holds_images 1 3 "the first one is swept up" swept
put "$STORY_DIR/two"
is_status 204 "once more"
shows "$STORY_DIR/two" "it is there"
holds_images 1 3 "and nothing else"

told() { # COUNT
	api GET "/webhook/$WEBHOOK/delivery?limit=100" "$TOKEN_seller"
	[ "$(json '[.data[].event_type] | length')" = "$1" ]
}
story "Dying when an item was changed"
dies_at item.changed PATCH "/item/$ITEM" '{"name":"Tall lamp"}'
api GET "/item/$ITEM"
json_is '[.version, .name]' '[5,"Tall lamp"]' "the change was made"
api PATCH "/item/$ITEM" "$TOKEN_seller" '{"name":"Tall lamp"}' -H 'If-Match: "4"'
is_problem 412 precondition_failed "who asks for the same again learns of that"
api PATCH "/item/$ITEM" "$TOKEN_seller" '{"name":"Tall lamp"}'
is_status 200 "or makes it once more"
ok "its events went out" eventually 20 is_at_rest
ok "each of the five changes was told" eventually 20 told 5

listed() { # COUNT WHAT
	api GET "/item?seller_id=$ID_seller&q=claimed&limit=100"
	json_is '.data | length' "$1" "$2"
}
# Asks once more for what was asked under KEY when it died, and then again.
lists_once_more() {
	api POST /item "$TOKEN_seller" "$LAMP" -H "Idempotency-Key: $KEY"
	is_status 201 "the repeat is answered"
	local first=$BODY
	api POST /item "$TOKEN_seller" "$LAMP" -H "Idempotency-Key: $KEY"
	is "$BODY" "$first" "and the next one likewise"
	header_is Idempotency-Replayed true
}
LAMP='{"name":"Claimed lamp","description":"","price":{"amount":1999,"currency":"EUR"},"stock":5}'

story "Dying when a key is claimed, and its item not there yet"
KEY=$RUN_ID-claimed
dies_at item.claimed POST /item "$LAMP" -H "Idempotency-Key: $KEY"
listed 0 "there is none"
api POST /item "$TOKEN_seller" "${LAMP/:5/:6}" -H "Idempotency-Key: $KEY"
is_problem 422 idempotency_key_reused "the key is taken"
lists_once_more
header_is Location "/item/$(json .id)"
listed 1 "there is one"

story "Dying when the item is there, and its answer not given yet"
KEY=$RUN_ID-created
dies_at item.created POST /item "$LAMP" -H "Idempotency-Key: $KEY"
listed 2 "it is there"
lists_once_more
listed 2 "and no other"
ok "what happened was told" eventually 20 is_at_rest

stack set items CRASH_AT=
done_testing
