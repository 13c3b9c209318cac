#!/bin/bash
# A seller patches an item and moves its stock, while others do the same and buy.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack
new_user sam
new_user eve

patch() { # BODY [CURL OPTION...]
	local body=$1
	shift
	[[ $* == *Content-Type:* ]] || set -- -H 'Content-Type: application/merge-patch+json' "$@"
	api PATCH "/item/$ITEM" "$TOKEN_sam" "$body" "$@"
}
stock() { # BODY [CURL OPTION...]
	local body=$1
	shift
	api POST "/item/$ITEM/stock" "$TOKEN_sam" "$body" "$@"
}
seen() { # FILTER
	api GET "/item/$ITEM"
	json "$1"
}

new_item sam '{"name":"Lamp","price":{"amount":1999,"currency":"EUR"},"stock":7,"category":"lamps",
	"tags":["red"],"attributes":{"watt":"40","a/b~c":"x"}}'
ITEM=$(json .id)

story "A merge patch"
patch '{"price":{"amount":1500},"attributes":{"watt":null,"volt":"12"},"category":null}'
is_status 200
header_is ETag '"2"'
json_is '[.name, .price, .category, .tags, .attributes, .stock, .version]' \
	'["Lamp",{"amount":1500,"currency":"EUR"},null,["red"],{"a/b~c":"x","volt":"12"},7,2]' \
	"merges objects, removes by null, leaves the rest"
patch '{"tags":["old"],"low_stock_at":2}' -H 'Content-Type: application/json'
is_status 200 "application/json serves too"
json_is '[.tags, .low_stock_at]' '[["old"],2]' "arrays are replaced"
patch '{"low_stock_at":null}' -H 'If-Match: "3"'
json_holds 'has("low_stock_at") | not'
patch '{"name":"x"}' -H 'If-Match: "3"'
is_problem 412 precondition_failed "a lost race"
patch '{"stock":5}'
is_problem 428 precondition_required
patch '{"stock":5}' -H 'If-Match: "4"'
is_status 200
patch '{}' -H 'If-Match: *'
is_status 200 "nothing to change is no fault"
patch '{"name":null,"stock":null,"price":null,"Name":"x","colour":null,"attributes":{"b":1}}'
is_problem 422 validation_failed
for fault in '/name wrong_type' '/stock wrong_type' '/price wrong_type' '/Name unknown_field' \
	'/colour unknown_field' '/attributes/b wrong_type'; do
	# shellcheck disable=SC2086  # a pointer and a code
	has_field_fault $fault
done
patch '[]'
has_field_fault '' wrong_type
patch '{"seller_id":"x","version":9,"image_url":null}'
has_field_fault /version unknown_field
patch '{' -H 'If-Match: "1"'
is_problem 400 malformed_request
api PATCH "/item/$ITEM" "$TOKEN_eve" '{"name":"x"}'
is_problem 403 forbidden
api PATCH "/item/$ITEM" '' '{"name":"x"}'
is_problem 401 missing_token
api PATCH "/item/$ITEM" "$TOKEN_sam" 'name: x' -H 'Content-Type: text/yaml'
is_problem 415 unsupported_media_type
is "$(seen '[.name, .version]')" '["Lamp",6]' "refusals changed nothing"

story "Stock"
stock '{"delta":-3}'
is_status 200
header_is ETag '"7"'
json_is .stock 2
stock '{"delta":-3}'
is_problem 409 insufficient_stock
json_is .available 2
stock '{"delta":1000000000}'
has_field_fault /delta out_of_range "not over the bound"
stock '{"delta":1.5,"by":"x"}'
has_field_fault /delta wrong_type
has_field_fault /by unknown_field
stock '{}'
has_field_fault /delta required
stock '{"delta":1}' -H 'If-Match: "1"'
is_problem 412 precondition_failed
api POST "/item/$ITEM/stock" "$TOKEN_eve" '{"delta":1}'
is_problem 403 forbidden
api POST /item/0190e2b0-1111-7222-8333-444455556666/stock "$TOKEN_sam" '{"delta":1}'
is_problem 404 not_found
is "$(seen .stock)" 2 "refusals changed nothing"
api GET "/item/$ITEM/stock"
is_problem 405 method_not_allowed

story "A hundred at once"
stock '{"delta":998}'
many=$STORY_DIR/many
for i in {1..100}; do
	case $((i % 4)) in
	0) set -- POST "/item/$ITEM/stock" "$TOKEN_sam" '{"delta":5}' ;;
	1) set -- POST "/item/$ITEM/stock" "$TOKEN_sam" '{"delta":-3}' ;;
	2) set -- POST "/buy/$ITEM" "$TOKEN_eve" '{"quantity":2}' ;;
	3) set -- PATCH "/item/$ITEM" "$TOKEN_sam" "{\"attributes\":{\"n$i\":\"$i\"}}" ;;
	esac
	[ "$i" = 1 ] || echo next
	printf '%s\n' "request = $1" "url = \"$GATEWAY_URL$2\"" "header = \"Authorization: Bearer $3\"" \
		'header = "Content-Type: application/json"' "data = \"${4//\"/\\\"}\"" \
		'output = /dev/null' 'write-out = "%{http_code}\n"' silent 'noproxy = "*"' 'max-time = 60'
done >"$many"
# Three times as many as items has workers for are there at any moment, so that none waits for its turn
# until its deadline.
codes=$(curl --parallel --parallel-immediate --parallel-max 24 --config "$many" \
	2>"$STORY_DIR/curl" | sort | uniq -c | xargs)
is "$codes" "75 200 25 201" "all succeed"
is "$(seen .stock)" 1000 "and no unit is lost or won: 1000 + 25·5 - 25·3 - 25·2"
json_is '.attributes | length' 27 "nor a patch"
json_is .version 108 "each is a version"

done_testing
