# shellcheck shell=bash
# What the measuring scripts share: a shop with people and items in it, load from wrk, and the programs'
# metrics.  Read in by them, with $here set; they run beside a shop of their own.
set -euo pipefail
root=$(cd "$here/../.." && pwd)

: "${SHOP_STACK_DIR:?is not set: make runs this beside a shop of its own}"
tools=${BUILD:?}/tests
cores=$(nproc)
items=100
users=4

fail() {
	echo "bench: $*" >&2
	exit 1
}
say() { echo "  $*" >&2; }
now() { echo "$EPOCHREALTIME"; }
sql() { psql -qAtX -d "$NOTIFIER_DATABASE_URL" -c "$1"; }

work=$(mktemp -d "${TMPDIR:-/tmp}/shop-bench.XXXXXX")
pids=() # what is ended at the end
finish() {
	[ "${#pids[@]}" -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
	wait
	rm -rf "$work"
}
trap finish EXIT

# --- people and items ----------------------------------------------------------------------------

post() { # PATH TOKEN BODY
	curl -fsS --noproxy '*' --retry 5 "$GATEWAY_URL$1" ${2:+-H "Authorization: Bearer $2"} \
		-H 'Content-Type: application/json' -d "$3"
}

one_user() { # NUMBER
	local email="bench-$1@example.org" token
	post /auth/register '' "{\"email\":\"$email\",\"password\":\"a passphrase of the bench\",\"name\":\"Bench\"}" >/dev/null
	token=$(post /auth/login '' "{\"email\":\"$email\",\"password\":\"a passphrase of the bench\"}" |
		jq -r .access_token)
	echo "$email $token"
}

one_item() { # NUMBER TOKEN
	post /item "$2" "{\"name\":\"Brass lamp $1\",\"description\":\"Burns for eight hours.\",
		\"price\":{\"amount\":1999,\"currency\":\"EUR\"},\"stock\":1000000000,
		\"category\":\"lighting\",\"tags\":[\"brass\"],\"attributes\":{\"height\":\"24 cm\"}}" | jq -r .id
}

prepare() {
	local program
	for program in wrk jq curl; do
		command -v "$program" >/dev/null || fail "$program is missing: apt-get install $program"
	done
	export -f post one_user one_item
	export GATEWAY_URL
	# A few accounts buy as fast as they can.
	"$root/dev/stack" set items RATE_LIMIT_ACCOUNT=0
	"$root/dev/stack" restart items || fail "items does not start again"
	seq "$users" | xargs -P 4 -I{} bash -c 'one_user {}' >"$work/users"
	read -r _ seller <"$work/users"
	seq "$items" | xargs -P 4 -I{} bash -c "one_item {} '$seller'" >"$work/items"
	[ "$(wc -l <"$work/users")" -eq "$users" ] || fail "only $(wc -l <"$work/users") users were made"
	[ "$(wc -l <"$work/items")" -eq "$items" ] || fail "only $(wc -l <"$work/items") items were made"
	export BENCH_USERS=$work/users BENCH_ITEMS=$work/items
}

# --- load ----------------------------------------------------------------------------------------
# Leaves a file NAME: pieces a second, the 50th and the 99th percentile in microseconds, the pieces.

load() { # NAME KIND SECONDS CONNECTIONS URL
	local rate p50 p99 failures answers
	say "$1"
	BENCH_KIND=$2 wrk --threads 1 --connections "$4" --duration "$3" --timeout 20s \
		--script "$here/requests.lua" "$5" >"$work/wrk.$1" || fail "wrk failed: $(<"$work/wrk.$1")"
	read -r rate p50 p99 failures answers < <(sed -n 's/^bench //p' "$work/wrk.$1")
	[ "$failures" = 0 ] || fail "$1: $failures answers were no success"
	echo "$rate $p50 $p99 $answers" >"$work/result.$1"
}

# --- what the programs say of themselves ---------------------------------------------------------

# The sum of all metrics whose line begins so.
metric() { # PATTERN [URL]
	curl -fsS --noproxy '*' "${2-$NOTIFIER_URL}/metrics" |
		awk -v pattern="$1" '$0 ~ "^" pattern { sum += $NF } END { print sum + 0 }'
}

# Until METRIC has grown by COUNT since BEFORE; sets TOOK, the seconds since BEGAN.
await_growth() { # METRIC BEFORE COUNT BEGAN SECONDS [URL]
	local value
	while :; do
		value=$(metric "$1" "${6-$NOTIFIER_URL}")
		TOOK=$(awk -v a="$(now)" -v b="$4" 'BEGIN { print a - b }')
		[ "$value" -lt $(($2 + $3)) ] || return 0
		awk -v a="$TOOK" -v b="$5" 'BEGIN { exit a > b }' ||
			fail "$1 has grown by $((value - $2)) in $5 s, not by $3"
		sleep "${look_s-0.2}" # each look costs a count of what waits
	done
}

# Sets RECEIVER: a server that takes webhooks, one endpoint for each of OWNERS people.
start_receiver() { # OWNERS
	"$tools/bare_receiver" >"$work/port" &
	RECEIVER=$!
	pids+=("$RECEIVER")
	until [ -s "$work/port" ]; do
		kill -0 "$RECEIVER" 2>/dev/null || fail "the receiver does not start"
		sleep 0.05
	done
	sql "INSERT INTO webhooks (id, owner_id, url, events, secret)
		SELECT id_new(), ('0190e2b0-1111-7222-8333-' || lpad(n::text, 12, '0'))::uuid,
			'http://127.0.0.1:$(<"$work/port")/' || n, '{item.updated}',
			'whsec_$(head -c 32 /dev/urandom | base64 -w 0)'
		FROM generate_series(0, $(($1 - 1))) n"
}
