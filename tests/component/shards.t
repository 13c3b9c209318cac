#!/bin/bash
# items.fcgi --migrate at a router of a sharded MongoDB: by which keys the collections are spread.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lint/tap.sh"

work=$(mktemp -d)
router=
end() {
	kill "$router"
	wait "$router" || true
} 2>"$work/end"
trap 'end; rm -rf "$work"' EXIT

# migrate INDEX...: at a router whose collections have those indexes.
migrate() {
	[ -z "$router" ] || end
	local status=0
	: >"$work/log"
	: >"$work/port"
	python3 "$here/router.py" "$work/log" "$@" >"$work/port" 2>"$work/errors" &
	router=$!
	for _ in $(seq 1200); do
		[ ! -s "$work/port" ] || break
		sleep 0.05
	done
	env -i PATH="$PATH" MONGODB_URI="mongodb://127.0.0.1:$(<"$work/port")" AMQP_URL=amqp://127.0.0.1 \
		AUTH_URL=http://127.0.0.1 CURSOR_SECRET="a secret of 16 bytes" \
		"${BUILD:?}/items.fcgi" --migrate >"$work/said" 2>&1 || status=$?
	{ [ "$status" = 0 ] || { echo "it ends with $status" && cat "$work/said" "$work/errors"; }; } | rule "--migrate ends well"
}
sharded() { # COLLECTION
	jq -c "select(.shardCollection == \"shop.$1\").key" "$work/log"
}
is() { [ "$1" = "$2" ] || echo "$1 is not $2"; }

migrate keys
is "$(sharded items)" '' | rule "items wait for the index to go that forbids it"
is "$(sharded item_claims)" '{"_id":"hashed"}' | rule "their keys do not"

migrate
is "$(sharded items)" '{"_id":"hashed"}' | rule "items by their id, hashed"
is "$(sharded item_claims)" '{"_id":"hashed"}' | rule "claims of items' keys likewise"
is "$(sharded orders)" '{"buyer_id":1}' | rule "orders by their buyer"
is "$(sharded images.chunks)" '{"files_id":1}' | rule "pictures by their file"

# MongoDB refuses to spread a collection whose unique index does not begin with the key.
jq -rn '[inputs] | [.[] | select(.shardCollection) | {(.shardCollection): (.key | keys_unsorted)}] | add' "$work/log" >"$work/keys"
jq -r --slurpfile keys "$work/keys" 'select(.createIndexes) | .createIndexes as $name
	| .indexes[] | select(.unique)
	| ($keys[0]["shop." + $name] // []) as $key
	| select((.key | keys_unsorted)[:$key | length] != $key)
	| "\($name): \(.name)"' "$work/log" | rule "every unique index begins with its collection's key"

done_rules
