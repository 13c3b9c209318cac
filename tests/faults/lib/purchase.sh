# shellcheck shell=bash
# What the purchase's fault stories share: crowds of buyers, and what the store holds afterwards.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../integration/lib.sh"
# shellcheck source=tests/integration/sql.sh
. "$SHOP_ROOT/tests/integration/sql.sh"

# new_market COUNT: a seller, and COUNT buyers whose tokens are in TOKENS.
new_market() {
	local i token id
	TOKENS=$STORY_DIR/tokens
	: >"$TOKENS"
	: >"$STORY_DIR/buyer_ids"
	new_user seller
	for ((i = 0; i < $1; i++)); do
		new_user "buyer$i"
		token=TOKEN_buyer$i id=ID_buyer$i
		printf '%s\n' "${!token}" >>"$TOKENS"
		printf "'%s'\n" "${!id}" >>"$STORY_DIR/buyer_ids"
	done
}

# Settings of items for the stories that kill it: what a dead purchase held comes back in seconds.
# A client's request must be over by then.
QUICK=(REQUEST_TIMEOUT=3000 RESERVATION_TTL=4000)

# crowd BUYERS CONNECTIONS: they buy ITEM, or, with LINES_EACH set, so many of ITEMS, each in one order;
# what became of each is in OUTCOMES.
CROWD_PATIENCE_S=300
OUTCOMES=$STORY_DIR/outcomes
LINES_EACH=
crowd() {
	local wants=(--item "$ITEM")
	[ -z "$LINES_EACH" ] ||
		wants=(--lines "$LINES_EACH" --item "$(IFS=, && printf '%s' "${ITEMS[*]}")")
	"$BUILD/tests/buyers" --url "$GATEWAY_URL" "${wants[@]}" --tokens "$TOKENS" \
		--buyers "$1" --connections "$2" --seconds $CROWD_PATIENCE_S >"$OUTCOMES" 2>"$STORY_DIR/buyers.log"
}

# Have some of the crowd bought?
has_begun() {
	look
	[ "$(store confirmed)" -gt 0 ]
}

# outcomes STATUS [CODE]: how many buyers ended with it.
outcomes() {
	awk -v status="$1" -v code="${2-}" '$2 == status && (code == "" || $3 == code)' "$OUTCOMES" | wc -l
}

# Sets STORE to what the store holds of ITEM and its orders.
look() {
	STORE=$("$BUILD/tests/invariant" --uri "$MONGODB_URI" --database "$MONGODB_DATABASE" \
		--item "$ITEM") || bail "can't look into the store"
}

store() { # MEMBER of STORE, or a sum of them in jq's language
	jq -r ".$1" <<<"$STORE"
}

is_at_rest() {
	look
	[ "$(store 'pending + .reservations + .due + .unpublished')" = 0 ]
}

# new_items COUNT STOCK: the seller's; their ids are in ITEMS.
new_items() {
	local i
	ITEMS=()
	for ((i = 0; i < $1; i++)); do
		new_item seller "{\"stock\":$2}"
		ITEMS+=("$ITEM")
	done
}

# Every one of ITEMS is at rest, and all of its $1 units are somewhere; the units sold are SOLD.
all_hold() { # STOCKED
	local item stock sold kept wrong=0
	SOLD=0
	for item in "${ITEMS[@]}"; do
		ITEM=$item
		eventually 60 is_at_rest || wrong=$((wrong + 1))
		read -r stock sold kept < <(jq -r '"\(.stock) \(.sold) \(.kept)"' <<<"$STORE")
		if [ $((stock + sold + kept)) != "$1" ] || [ "$stock" -lt 0 ]; then
			note "$item: $STORE"
			wrong=$((wrong + 1))
		fi
		SOLD=$((SOLD + sold))
	done
	is "$wrong" 0 "every item comes to rest with its $1 units in stock or sold"
}

# Whether each buyer's one key led to one order, and every unit is somewhere.
holds() { # STOCKED
	ok "the shop comes to rest" eventually 60 is_at_rest
	note "$STORE"
	is $(($(store stock) + $(store sold))) "$1" "stock left + stock sold = $1 stocked"
	is "$(store sold)" "$(outcomes 201)" "as many units are sold as buyers were told so"
	is "$(store confirmed)" "$(outcomes 201)" "and as many orders are confirmed"
	is "$(awk '$2 == 201 { print $3 }' "$OUTCOMES" | sort -u | wc -l)" "$(outcomes 201)" \
		"each buyer has an order of their own"
}

# Every confirmed order's event reached the broker, and by it the notifier.
events_arrived() {
	ok "every confirmed order's event went through the broker" eventually 60 all_told
}
all_told() {
	awk '$2 == 201 { print $3 }' "$OUTCOMES" | sort >"$STORY_DIR/wanted"
	sql "SELECT DISTINCT event_id FROM jobs WHERE template = 'receipt'
		AND recipient IN ($(paste -sd, "$STORY_DIR/buyer_ids"))
		AND created_at >= '$BEGAN'" >"$STORY_DIR/told"
	[ "$(wc -l <"$STORY_DIR/told")" = "$(wc -l <"$STORY_DIR/wanted")" ]
}
begin() {
	BEGAN=$(sql "SELECT now()")
}

items_pid() {
	"$SHOP_ROOT/dev/stack" pid items 2>/dev/null
}

# Has another process taken the place of process $1?
is_another() {
	local now
	now=$(items_pid) && [ "$now" != "$1" ]
}

# What has_died_at counts from.
count_crashes() {
	crashes >"$STORY_DIR/before"
}
crashes() {
	grep -h '"msg":"crash point"' "$LOG_DIR/items.log"
}
has_died_at() {
	crashes | tail -n "+$(($(wc -l <"$STORY_DIR/before") + 1))" | grep -q "\"point\":\"$1\""
}
