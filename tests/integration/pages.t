#!/bin/bash
# While orders, people and sign-ins come, who walks a list page by page sees what was there before
# exactly once.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack
new_user sam
new_user bea
new_user boss
make_admin boss
login boss
new_item sam '{"stock":1000000}'

buy() {
	api POST "/buy/$ITEM" "$TOKEN_bea"
}
people=0
sign_in() {
	new_user "other$((++people))"
	login bea
}
for _ in {1..7}; do
	buy
	sign_in
done
told() {
	api GET '/notification?limit=100' "$TOKEN_bea"
	[ "$(json '[.data[] | select(.template == "receipt")] | length')" -ge 7 ]
}
ok "bea was told of all she bought" eventually 30 told

# What the list at a path holds now, and then what its pages of four show: before the second and the
# third more comes.
walk() { # PATH TOKEN WHAT-COMES
	local path pages=0 next sign='?'
	[[ $1 != *\?* ]] || sign='&'
	api GET "$1${sign}limit=100" "$2"
	json '.data[].id' | sort >"$STORY_DIR/wanted"
	: >"$STORY_DIR/got"
	path="$1${sign}limit=4"
	while [ -n "$path" ]; do
		api GET "$path" "$2"
		json '.data[].id' >>"$STORY_DIR/got"
		next=$(json '.next_cursor // ""')
		path=${next:+"$1${sign}limit=4&cursor=$next"}
		[ $((++pages)) -gt 2 ] || $3
	done
	ok "$1: there are pages" [ "$(wc -l <"$STORY_DIR/wanted")" -ge 7 ]
	is "$(sort "$STORY_DIR/got" | comm -23 "$STORY_DIR/wanted" -)" '' "$1: all that was there is shown"
	is "$(sort "$STORY_DIR/got" | uniq -d)" '' "$1: nothing twice"
}
walk /order "$TOKEN_bea" buy
walk '/order?status=confirmed' "$TOKEN_bea" buy
walk /sale "$TOKEN_sam" buy
walk /notification "$TOKEN_bea" buy
walk /auth/session "$TOKEN_bea" sign_in
walk /auth/audit "$TOKEN_bea" sign_in
walk "/auth/user?q=$RUN_ID" "$TOKEN_boss" sign_in

done_testing
