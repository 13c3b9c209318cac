#!/bin/bash
# A seller lists an item, changes it, takes it from the catalogue; others may only look.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack
new_user sam
new_user eve

LAMP='{"name":"Lamp","description":"Two\nlines","price":{"amount":1999,"currency":"EUR"},"stock":7,
	"category":"lamps","tags":["red","old"],"attributes":{"$where":"a.b","__proto__":"","watt.age":"40"}}'
# LAMP with other members, or without.
lamp() { # JQ-FILTER
	jq -c "$1" <<<"$LAMP"
}
put() { # BODY [CURL OPTION...]
	local body=$1
	shift
	api PUT "/item/$ITEM" "$TOKEN_sam" "$body" "$@"
}

story "Listing"
api POST /item "$TOKEN_sam" "$LAMP"
is_status 201
ITEM=$(json .id)
ok "the id is a UUIDv7" grep -qxE '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}' <<<"$ITEM"
header_is Location "/item/$ITEM"
header_is ETag '"1"'
json_is 'keys_unsorted | join(" ")' "id seller_id name description price stock category tags attributes image_url status version created_at updated_at"
json_is .seller_id "$ID_sam"
json_is .description $'Two\nlines'
json_is .price '{"amount":1999,"currency":"EUR"}'
json_is .tags '["red","old"]'
json_is .attributes '{"$where":"a.b","__proto__":"","watt.age":"40"}' "names that people choose come back as they were"
json_is '[.stock, .status, .version, .image_url]' '[7,"active",1,null]'
json_like .created_at '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$'
json_holds '.created_at == .updated_at'
CREATED=$BODY

story "Looking"
api GET "/item/$ITEM"
is_status 200
is "$BODY" "$CREATED" "anyone sees what its seller was told"
header_is ETag '"1"'
header_is Cache-Control 'public, no-cache' "caches may keep it and must ask"
header_is Content-Type application/json
api GET "/item/$ITEM" '' '' -H 'If-None-Match: "1"'
is_status 304
body_is_empty
header_is ETag '"1"'
api GET "/item/$ITEM" '' '' -H 'If-None-Match: "2"'
is_status 200
api HEAD "/item/$ITEM"
is_status 200
header_is ETag '"1"'
api GET "/item/$ITEM" not.a.token
is_problem 401 invalid_token "a bad token, even where none is needed"
api GET "/item/${ITEM^^}"
is_status 200 "an id in capitals is the same id"
for id in 0190e2b0-1111-7222-8333-444455556666 x '%24where' "$ITEM.json" '%00' "${ITEM%?}"; do
	api GET "/item/$id"
	ok "/item/$id is no item: $STATUS" [ "$STATUS" = 404 -o "$STATUS" = 400 ]
done
for path in "/item/../item/$ITEM" "/item/%2e%2e/item/$ITEM" /item/..%2f..%2fetc%2fpasswd; do
	api GET "$path"
	ok "$path leads nowhere: $STATUS" [ "$STATUS" = 404 -o "$STATUS" = 400 ]
	ok "and is told as a problem" [ "$(header Content-Type)" = application/problem+json ]
done
api GET "/item/$ITEM?nope=1"
is_problem 422 validation_failed
has_parameter_fault nope unknown_field

story "Without a token, or somebody else's"
for request in 'POST /item' "PUT /item/$ITEM" "DELETE /item/$ITEM"; do
	# shellcheck disable=SC2086  # a method and a path
	api $request '' "$([[ $request == DELETE* ]] || lamp .)"
	is_problem 401 missing_token "$request"
	header_like WWW-Authenticate '^Bearer'
done
api PUT "/item/$ITEM" "$TOKEN_eve" "$(lamp 'del(.stock)')"
is_problem 403 forbidden "eve can't change it"
api DELETE "/item/$ITEM" "$TOKEN_eve"
is_problem 403 forbidden "nor delete it"

story "Replacing"
put "$(lamp '{name: "Shade", price}')"
is_status 200
header_is ETag '"2"'
json_is '[.name, .description, .stock, .category, .tags, .attributes, .version]' \
	'["Shade","",7,null,[],{},2]' "what is left out goes, but for the stock"
json_is .id "$ITEM"
json_is .created_at "$(jq -r .created_at <<<"$CREATED")"
put "$(lamp 'del(.stock)')" -H 'If-Match: "1"'
is_problem 412 precondition_failed "a lost race"
put "$(lamp 'del(.stock)')" -H 'If-Match: W/"2"'
is_problem 412 precondition_failed "a weak tag never matches"
put "$(lamp .)"
is_problem 428 precondition_required "a new stock wants to know what it is derived from"
put "$(lamp '.stock = 9')" -H 'If-Match: "2"'
is_status 200
json_is '[.stock, .version]' '[9,3]'
put "$(lamp 'del(.stock)')" -H 'If-Match: "7", "3"'
is_status 200 "one of several tags matches"
put "$(lamp 'del(.name, .stock)')"
is_problem 422 validation_failed
has_field_fault /name required
put "$(lamp 'del(.stock) | .id = "x"')"
has_field_fault /id unknown_field
api GET "/item/$ITEM"
json_is .version 4 "refusals changed nothing"
api PUT /item/0190e2b0-1111-7222-8333-444455556666 "$TOKEN_sam" "$(lamp 'del(.stock)')"
is_problem 404 not_found

story "A purchase changes the version"
api GET "/item/$ITEM"
tag=$(header ETag)
api POST "/buy/$ITEM" "$TOKEN_eve" '{"quantity":2}'
is_status 201
put "$(lamp '.stock = 100')" -H "If-Match: $tag"
is_problem 412 precondition_failed "a stock derived from before the purchase is refused"
api GET "/item/$ITEM"
json_is '[.stock, .version]' '[7,5]'
put "$(lamp '.stock = 8')" -H "If-Match: $(header ETag)"
is_status 200
json_is .stock 8

story "An administrator"
make_admin eve
login eve
api PUT "/item/$ITEM" "$TOKEN_eve" "$(lamp '.name = "Moderated" | del(.stock)')"
is_status 200
json_is '[.name, .seller_id]' "[\"Moderated\",\"$ID_sam\"]" "may change it, and it stays its seller's"

story "Listing under a key"
key=$RUN_ID-lamp
api POST /item "$TOKEN_sam" "$LAMP" -H "Idempotency-Key: \"$key\""
is_status 201
first=$BODY
location=$(header Location)
header_absent Idempotency-Replayed
api POST /item "$TOKEN_sam" "$LAMP" -H "Idempotency-Key: $key"
is_status 201
is "$BODY" "$first" "the same answer, byte for byte"
header_is Idempotency-Replayed true
header_is Location "$location"
header_is ETag '"1"'
api POST /item "$TOKEN_sam" "$(lamp '.stock = 1')" -H "Idempotency-Key: $key"
is_problem 422 idempotency_key_reused
api POST /item "$TOKEN_eve" "$LAMP" -H "Idempotency-Key: $key"
is_status 201
ok "another account's key is another key" [ "$BODY" != "$first" ]
api POST /item "$TOKEN_sam" "$(lamp '.name = ""')" -H "Idempotency-Key: $key-2"
is_status 422
api POST /item "$TOKEN_sam" "$LAMP" -H "Idempotency-Key: $key-2"
is_status 201 "a refusal is not kept"

story "Leaving the catalogue"
api DELETE "/item/$ITEM" "$TOKEN_sam" '' -H 'If-Match: "1"'
is_problem 412 precondition_failed
api DELETE "/item/$ITEM" "$TOKEN_sam"
is_status 204
body_is_empty
api GET "/item/$ITEM"
is_problem 404 not_found
api DELETE "/item/$ITEM" "$TOKEN_sam"
is_problem 404 not_found
put "$(lamp 'del(.stock)')"
is_problem 404 not_found
api POST "/buy/$ITEM" "$TOKEN_eve" '{}'
is_problem 404 not_found
api GET "/item?seller_id=$ID_sam&limit=100"
json_holds "all(.data[]; .id != \"$ITEM\")" "no list has it"

story "Methods"
api DELETE /item "$TOKEN_sam"
is_problem 405 method_not_allowed
header_like Allow 'GET.*POST|POST.*GET'

done_testing
