# shellcheck shell=bash
# People who buy, look and sign in while something happens to the cluster, and the account of it: which
# requests were lost, and whether stock, orders and mails still add up.  To be read after lib.sh.

LOAD=$STORY_DIR/load
STOCKED=100000

# new_market COUNT: a seller with STOCKED units of ITEM, and so many buyers.
new_market() {
	local i
	BUYERS=$1
	new_user seller
	new_item seller "{\"stock\":$STOCKED}"
	for ((i = 0; i < BUYERS; i++)); do
		new_user "buyer$i"
	done
}

# begin_load TRIES: everybody sets out.  A buyer repeats a purchase under its key that many times, until
# it is answered; with 1 whatever is not done at once is lost.
begin_load() {
	local i token
	rm -rf "$LOAD"
	mkdir "$LOAD"
	LOAD_PIDS=()
	for ((i = 0; i < BUYERS; i++)); do
		token=TOKEN_buyer$i
		buy_on "$i" "${!token}" "$1" &
		LOAD_PIDS+=($!)
		look_on "$i" "${!token}" &
		LOAD_PIDS+=($!)
	done
	sign_in_on &
	LOAD_PIDS+=($!)
}

buy_on() { # NUMBER TOKEN TRIES
	local n=0 try key status order
	until [ -e "$LOAD/stop" ]; do
		key=$RUN_ID-$EPOCHSECONDS-$1-$((n++)) order=
		for ((try = 1; try <= $3; try++)); do
			status=$(curl -s -o "$LOAD/answer-$1" -w '%{http_code}' --max-time 30 --noproxy '*' -X POST \
				-H "Authorization: Bearer $2" -H "Idempotency-Key: $key" -H 'Content-Type: application/json' \
				--data '{"quantity":1}' "$GATEWAY_URL/buy/$ITEM" 2>>"$LOAD/curl-$1")
			[ "$status" != 201 ] || break
			printf '%(%T)T POST /buy %s %.300s\n' -1 "$status" "$(cat "$LOAD/answer-$1" 2>/dev/null)" >>"$LOAD/refused-$1"
			: >"$LOAD/answer-$1"
			sleep 0.3
		done
		[[ $status = 201 && $(<"$LOAD/answer-$1") =~ \"id\":\"([0-9a-f-]{36})\" ]] && order=${BASH_REMATCH[1]}
		printf '%s %s %s\n' "$key" "$status" "$order" >>"$LOAD/bought-$1"
		sleep 0.1
	done
}

# Several requests by one connection, kept alive: what comes when a pod stops is answered, too.
look_on() { # NUMBER TOKEN
	local path paths=("/item/$ITEM" /auth/me '/notification?limit=3' '/order?limit=3' '/item?limit=3')
	local requests=()
	for path in "${paths[@]}"; do
		requests+=(-o /dev/null "$GATEWAY_URL$path")
	done
	until [ -e "$LOAD/stop" ]; do
		curl -s --max-time 30 --noproxy '*' -H "Authorization: Bearer $2" \
			-w '%{http_code} %{url_effective} %{exitcode} %{errormsg}\n' "${requests[@]}" >>"$LOAD/looked-$1"
		sleep 0.2
	done
}

sign_in_on() {
	local members
	members=$(jq -n --arg email "$EMAIL_seller" --arg password "$PASSWORD_seller" '{$email, $password}')
	until [ -e "$LOAD/stop" ]; do
		curl -s -o /dev/null --max-time 30 --noproxy '*' -H 'Content-Type: application/json' --data "$members" \
			-w '%{http_code} %{url_effective} %{exitcode} %{errormsg}\n' "$GATEWAY_URL/auth/login" >>"$LOAD/looked-in"
		sleep 1
	done
}

# Everybody finishes what they are at.
end_load() {
	: >"$LOAD/stop"
	wait "${LOAD_PIDS[@]}"
	cat "$LOAD"/bought-* 2>/dev/null | awk '$2 == 201 { print $3 }' | sort -u >"$LOAD/orders"
	ORDERS=$(wc -l <"$LOAD/orders")
}

has_sold() { # COUNT
	[ "$(cat "$LOAD"/bought-* 2>/dev/null | grep -c ' 201 ')" -ge "$1" ]
}

refused() {
	{ cat "$LOAD"/refused-* 2>/dev/null; grep -hv '^200 ' "$LOAD"/looked-*; } | head -n "$1"
}

# Not one request of any kind was refused or broken off.
nothing_lost() {
	local requests lost
	requests=$(cat "$LOAD"/bought-* "$LOAD"/looked-* | wc -l)
	lost=$(refused 20)
	if [ -z "$lost" ]; then
		pass "of $requests requests none is lost"
	else
		fail "of $requests requests none is lost" "$lost"
	fi
}

# Every purchase was answered in the end, by whatever number of tries.
all_answered() {
	local lost
	lost=$(cat "$LOAD"/bought-* | awk '$2 != 201')
	note "$ORDERS orders; refused on the way: $(cat "$LOAD"/refused-* 2>/dev/null | wc -l) tries, and $(
		cat "$LOAD"/looked-* | grep -cv '^200 ') of $(cat "$LOAD"/looked-* | wc -l) looks"
	note "$(refused 5)"
	is "$lost" '' "every purchase is answered in the end"
}

# Stock and orders, as the shop itself tells them.
add_up() {
	api GET "/item/$ITEM"
	STOCK=$(json .stock)
	api GET /stats/sales "$TOKEN_seller"
	UNITS=$(json '[.data[].units] | add // 0')
	SALES=$(json '[.data[].orders] | add // 0')
	[ "$((STOCK + UNITS))" = "$STOCKED" ] && [ "$UNITS" = "$ORDERS" ] && [ "$SALES" = "$ORDERS" ]
}
everything_adds_up() {
	if eventually 60 add_up; then
		pass "stock left and $ORDERS units sold are what was stocked, each in its own order"
	else
		fail "stock left and units sold are what was stocked" "stocked $STOCKED, left $STOCK, sold $UNITS in $SALES orders" \
			"buyers know of $ORDERS orders"
	fi
}

# Each order has its receipt and its sold mail, none twice but for EXTRA at most.
count_mails() {
	awk -v run="$RUN_ID" '($1 == "receipt" || $1 == "sold") && $2 ~ ("^(buyer[0-9]+|seller)-" run "@") { print $3 }' \
		"$E2E/mails" >"$STORY_DIR/ids"
	[ "$(sort -u "$STORY_DIR/ids" | wc -l)" -ge $((ORDERS * 2)) ]
}
mails_arrive() { # SECONDS [EXTRA]
	eventually "$1" count_mails
	is "$(sort -u "$STORY_DIR/ids" | wc -l)" $((ORDERS * 2)) "each order has its receipt and its sold mail"
	ok "and no second one" [ "$(wc -l <"$STORY_DIR/ids")" -le $((ORDERS * 2 + ${2-0})) ]
}
