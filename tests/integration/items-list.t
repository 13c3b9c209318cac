#!/bin/bash
# The catalogue's list: what is found, in which order, page by page.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack
new_user sam

# This run's own words and category, as others list items meanwhile.
W=w$RUN_ID
C=c$RUN_ID
item() { # NAME AMOUNT MEMBERS
	new_item sam "$(jq -cn --arg name "$1" --argjson amount "$2" --arg c "$C" \
		'{$name, price: {$amount, currency: "EUR"}, category: $c} + '"${3:-"{}"}")"
}
names() { # QUERY
	api GET "/item?category=$C&$1"
	json '[.data[].name] | join(",")'
}

item "beta $W" 300 '{tags:["old"], description:"A red lamp", stock:1}'
item "Alpha $W" 100 '{tags:["new"], description:"a Blue LÄMP", stock:0}'
item "épsilon $W" 200 '{}'
item "delta $W" 200 '{tags:["lamp"]}'
item "gamma $W" 250 '{price:{amount:250,currency:"USD"}}'

story "Orders"
is "$(names '')" "gamma $W,delta $W,épsilon $W,Alpha $W,beta $W" "newest first, unless told"
is "$(names sort=-created_at)" "gamma $W,delta $W,épsilon $W,Alpha $W,beta $W" "the same when told"
is "$(names sort=created_at)" "beta $W,Alpha $W,épsilon $W,delta $W,gamma $W" "oldest first"
is "$(names sort=name)" "Alpha $W,beta $W,delta $W,épsilon $W,gamma $W" "by name, without case and accents"
is "$(names 'sort=price&currency=EUR')" "Alpha $W,épsilon $W,delta $W,beta $W" "cheapest first"
is "$(names 'sort=-price&currency=EUR')" "beta $W,delta $W,épsilon $W,Alpha $W" "dearest first"

story "Filters"
is "$(names 'min_price=200&max_price=250&currency=EUR&sort=created_at')" "épsilon $W,delta $W" "prices, bounds included"
is "$(names 'min_price=250&currency=USD')" "gamma $W" "in their currency"
is "$(names 'tag=old')" "beta $W" "a tag"
is "$(names 'tag=Old')" "" "tags are compared exactly"
is "$(names 'in_stock=true&sort=name')" "beta $W,delta $W,épsilon $W,gamma $W" "what can be bought"
is "$(names "seller_id=$ID_sam&tag=new")" "Alpha $W" "several at once"
is "$(names 'seller_id=0190e2b0-1111-7222-8333-444455556666')" "" "nobody's"

story "Words"
is "$(names "q=$W+lamp&sort=name")" "Alpha $W,beta $W,delta $W" "in name, description and tags"
is "$(names "q=LAMP+red")" "beta $W" "all of them, in any order and case"
is "$(names "q=EPSILON")" "épsilon $W" "without accents"
is "$(names "q=l%C3%A4mp+blue")" "Alpha $W" "with accents that are there or not"
is "$(names "q=%22lamp%22%2C+(red)!")" "beta $W" "punctuation is none of them"
is "$(names "q=lam&sort=name")" "Alpha $W,beta $W,delta $W" "the last of them may be only begun"
is "$(names "q=lam+red")" "" "and no other"
api GET '/item?q=%21%3F'
is_problem 422 validation_failed "no word at all"
has_parameter_fault q bad_format

story "Pages"
for sort in created_at -created_at price -price name; do
	is "$(names "sort=$sort&limit=100" | tr , '\n' | wc -l)" 5 "one page by $sort"
	wanted=$(json '[.data[].id] | join(" ")')
	got='' path="/item?category=$C&sort=$sort&limit=2" pages=0
	while [ "$path" != '' ] && [ "$pages" -lt 5 ]; do
		api GET "$path"
		pages=$((pages + 1))
		got+="${got:+ }$(json '[.data[].id] | join(" ")')"
		next=$(json '.next_cursor // ""')
		path=
		if [ -n "$next" ]; then
			path="/item?category=$C&sort=$sort&limit=2&cursor=$next"
			header_like Link "^<.*cursor=$next.*>; *rel=\"?next\"?$"
		fi
	done
	is "$got" "$wanted" "three pages show each once, by $sort"
	is "$pages" 3 "three pages"
	json_is .next_cursor null "the last one says so"
	header_absent Link
done

story "An item comes between two pages"
api GET "/item?category=$C&limit=2"
cursor=$(json .next_cursor)
item "zeta $W" 1
api GET "/item?category=$C&limit=2&cursor=$cursor"
json_is '[.data[].name] | join(",")' "épsilon $W,Alpha $W" "and moves nothing"

story "Others list and delete while the pages are walked"
for i in {1..24}; do
	item "kept $i $W" $((i % 3)) "{\"category\":\"$C-kept\"}"
	json .id
done | sort >"$STORY_DIR/kept"
# Somebody's items come and go, at both ends of every order, until the walks are done.
(
	until [ -e "$STORY_DIR/walked" ]; do
		api POST /item "$TOKEN_sam" "{\"name\":\"a $W\",\"price\":{\"amount\":$((RANDOM % 4)),\"currency\":\"EUR\"},\"stock\":1,\"category\":\"$C-kept\"}"
		echo . >>"$STORY_DIR/came"
		[ "$((RANDOM % 2))" = 0 ] || api DELETE "/item/$(json .id)" "$TOKEN_sam"
	done
) >/dev/null &
other=$!
ok "somebody is at it" eventually 20 test -s "$STORY_DIR/came"
for sort in created_at -created_at price -price name; do
	path="/item?category=$C-kept&sort=$sort&limit=3"
	: >"$STORY_DIR/got"
	while [ "$path" != '' ]; do
		BODY_FILE=$STORY_DIR/page api GET "$path"
		jq -r '.data[].id' "$STORY_DIR/page" >>"$STORY_DIR/got"
		next=$(jq -r '.next_cursor // ""' "$STORY_DIR/page")
		path=${next:+"/item?category=$C-kept&sort=$sort&limit=3&cursor=$next"}
	done
	is "$(sort "$STORY_DIR/got" | grep -cFf "$STORY_DIR/kept")" 24 "each untouched item, by $sort"
	is "$(sort "$STORY_DIR/got" | uniq -d | grep -cFf "$STORY_DIR/kept")" 0 "and none twice"
done
touch "$STORY_DIR/walked"
wait "$other"

story "Cursors"
api GET "/item?category=$C&limit=2&sort=name&cursor=$cursor"
is_problem 422 validation_failed "of another list"
has_parameter_fault cursor bad_format
api GET "/item?category=$C&limit=2&cursor=${cursor%?}"
has_parameter_fault cursor bad_format "cut off"
api GET "/item?category=$C&limit=1&cursor=$cursor"
is_status 200 "with another limit it serves"
api GET "/order?cursor=$cursor" "$TOKEN_sam"
has_parameter_fault cursor bad_format "of items, for orders"

story "Categories"
api GET /category
is_status 200
json_is ".data[] | select(.category == \"$C\")" "{\"category\":\"$C\",\"items\":6}"
json_holds '[.data[].category] | . == (unique)' "each once, by name"
api GET /category '' '' -H "If-None-Match: $(header ETag)"
ok "others may list meanwhile: $STATUS" [ "$STATUS" = 304 -o "$STATUS" = 200 ]

story "Pages of very long items"
long=$(printf 'ä%.0s' {1..10000})
for _ in 1 2 3; do
	new_item sam "$(jq -cn --arg d "$long" --arg c "$C-long" '{description: $d, category: $c}')"
done
api GET "/item?category=$C-long"
json_is '[.data[].description | length]' '[10000,10000,10000]'

done_testing
