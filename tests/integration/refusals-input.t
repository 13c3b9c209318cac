#!/bin/bash
# Input that is no good: each is refused with its own code, all faults at once, and nothing is stored.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack
new_user alice

post_item() { # BODY [CURL OPTION...]
	local body=$1
	shift
	api POST /item "$TOKEN_alice" "$body" "$@"
}
# A good item with the JSON of one member in place of its own.
item_with() { # MEMBER JSON
	local body=''
	[ "$1" = name ] || body+='"name":"Lamp",'
	[ "$1" = price ] || body+='"price":{"amount":1999,"currency":"EUR"},'
	[ "$1" = stock ] || body+='"stock":3,'
	printf '{%s"%s":%s}' "$body" "$1" "$2"
}
text_of() { # LENGTH
	printf "%$1s" '' | tr ' ' x
}

story "What is no JSON"
for body in '{' '{"name":}' "{'name':'Lamp'}" '{"name":"Lamp",}' '[1,2' 'nul' '{"a":1}{"b":2}' '{"a":01}' \
	'{"a":NaN}' '{"a":+1}' '{"a":"\x"}' '{"a":"\ud800"}' ' ' '// {}'; do
	post_item "$body"
	is_problem 400 malformed_request "$body"
done
post_item "$(printf '{"name":"tab\there"}')"
is_problem 400 malformed_request "a control character as such"
printf '{"name":"\xff\xfe"}' >"$STORY_DIR/bytes"
post_item "@$STORY_DIR/bytes"
is_problem 400 malformed_request "broken UTF-8"
printf '{"name":"\xc0\xaf"}' >"$STORY_DIR/bytes"
post_item "@$STORY_DIR/bytes"
is_problem 400 malformed_request "an overlong form"
printf '{"name":"a\0b"}' >"$STORY_DIR/bytes"
post_item "@$STORY_DIR/bytes"
is_problem 400 malformed_request "a NUL byte"
printf '\xef\xbb\xbf{}' >"$STORY_DIR/bytes"
post_item "@$STORY_DIR/bytes"
is_problem 400 malformed_request "a byte order mark"
post_item '{"name":"Lamp","name":"Lamp","price":{"amount":1,"currency":"EUR"},"stock":1}'
is_problem 400 malformed_request "a member twice"
post_item "$(printf '{"a":%.0s' {1..40})1$(printf '}%.0s' {1..40})"
is_problem 400 malformed_request "nested 40 deep"
post_item "$(printf '[%.0s' {1..50000})"
is_problem 400 malformed_request "nested 50,000 deep"
post_item '{"stock":1e400}'
is_problem 400 malformed_request "a number beyond all"

story "Media types"
for type in text/plain application/x-www-form-urlencoded application/xml application/merge-patch+json multipart/form-data; do
	post_item '{"name":"Lamp"}' -H "Content-Type: $type"
	is_problem 415 unsupported_media_type "$type"
done
api POST /item "$TOKEN_alice" '{}' -H 'Content-Type:'
is_problem 415 unsupported_media_type "none"
post_item "$(item_with stock 0)" -H 'Content-Type: Application/JSON; charset=UTF-8'
is_status 201 "JSON with a charset is JSON"
kept=$(json .id)

story "Values of the wrong kind"
for body in '[]' '"x"' 1 null true; do
	post_item "$body"
	is_problem 422 validation_failed "the body $body"
	has_field_fault "" wrong_type
done
while IFS='|' read -r member value code pointer; do
	post_item "$(item_with "$member" "$value")"
	is_problem 422 validation_failed "$member: $value"
	has_field_fault "${pointer:-/$member}" "$code"
done <<'END'
name|1|wrong_type
name|null|wrong_type
name|""|too_short
name|"a\u0000b"|bad_format
name|"a\nb"|bad_format
name|"a\u0085b"|bad_format
description|{}|wrong_type
price|5|wrong_type
price|{}|required|/price/amount
price|{"amount":1,"currency":"EUR","x":1}|unknown_field|/price/x
price|{"amount":-1,"currency":"EUR"}|out_of_range|/price/amount
price|{"amount":1.5,"currency":"EUR"}|wrong_type|/price/amount
price|{"amount":"1","currency":"EUR"}|wrong_type|/price/amount
price|{"amount":1000000000001,"currency":"EUR"}|out_of_range|/price/amount
price|{"amount":1,"currency":"eur"}|bad_format|/price/currency
price|{"amount":1,"currency":"EU"}|bad_format|/price/currency
price|{"amount":1,"currency":"XYZ"}|bad_format|/price/currency
stock|-1|out_of_range
stock|1000000001|out_of_range
stock|18446744073709551616|out_of_range
stock|1.5|wrong_type
stock|true|wrong_type
category|"Not This"|bad_format
tags|"x"|wrong_type
tags|[1]|wrong_type|/tags/0
tags|[""]|too_short|/tags/0
tags|["a","a"]|duplicate|/tags/1
attributes|[]|wrong_type
attributes|{"a":1}|wrong_type|/attributes/a
$where|"1"|unknown_field
__proto__|{}|unknown_field
nmae|"Lamp"|unknown_field
id|"0190e2b0-1111-7222-8333-444455556666"|unknown_field
seller_id|"0190e2b0-1111-7222-8333-444455556666"|unknown_field
END

story "Texts and lists that are too long"
post_item "$(item_with name "\"$(text_of 201)\"")"
is_problem 422 validation_failed "a name of 201"
has_field_fault /name too_long
post_item "$(item_with description "\"$(text_of 10001)\"")"
has_field_fault /description too_long
post_item "$(item_with category "\"$(text_of 65)\"")"
has_field_fault /category too_long
post_item "$(item_with tags "[\"$(text_of 41)\"]")"
has_field_fault /tags/0 too_long
post_item "$(item_with tags "[$(seq -s, -f '"%g"' 21)]")"
has_field_fault /tags too_long
post_item "$(item_with attributes "{\"$(text_of 65)\":\"x\"}")"
is_problem 422 validation_failed "an attribute's name of 65"
post_item "$(item_with attributes "{\"a\":\"$(text_of 501)\"}")"
has_field_fault /attributes/a too_long
post_item "$(item_with attributes "{$(seq -s, -f '"%g":"x"' 51)}")"
has_field_fault /attributes too_long

story "All faults at once"
post_item '{"name":"","price":{"amount":-1,"currency":"x"},"stock":"3","color":"red"}'
is_problem 422 validation_failed
json_is '.errors | length' 5
has_field_fault /name too_short
has_field_fault /price/amount out_of_range
has_field_fault /price/currency bad_format
has_field_fault /stock wrong_type
has_field_fault /color unknown_field

story "Queries"
while read -r query parameter code; do
	api GET "/item?$query"
	is_problem 422 validation_failed "?$query"
	has_parameter_fault "$parameter" "$code"
done <<'END'
limit=0 limit out_of_range
limit=101 limit out_of_range
limit=x limit bad_format
limit=1&limit=2 limit duplicate
cursor=forged cursor bad_format
nope=1 nope unknown_field
$where=1 $where unknown_field
sort=random sort not_allowed
in_stock=maybe in_stock not_allowed
seller_id=me seller_id bad_format
min_price=1 currency required
category=Not+This category bad_format
END
api GET '/item?q=%ff'
is_problem 400 malformed_request "a query in broken UTF-8"
api GET '/item?q=%zz'
is_problem 400 malformed_request "a broken escape"

story "Bodies where there is none to be"
api GET "/item/$kept" '' '{"x":1}'
ok "is refused or left unread: $STATUS" [ "$STATUS" = 400 -o "$STATUS" = 415 -o "$STATUS" = 200 ]
api DELETE "/item/$kept" "$TOKEN_alice" '{"x":1}'
ok "is refused: $STATUS" [ "$STATUS" = 400 -o "$STATUS" = 415 ]

story "Idempotency keys"
for key in '""' '"a' 'a b' "$(text_of 256)" $'caf\xc3\xa9'; do
	post_item "$(item_with stock 1)" -H "Idempotency-Key: $key"
	is_problem 400 malformed_request "the key '${key:0:20}'"
done

story "Nothing of it was stored"
api GET "/item?seller_id=$ID_alice&limit=100"
json_is '[.data[].id]' "[\"$kept\"]"

done_testing
