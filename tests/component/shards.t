#!/bin/bash
# items.fcgi --migrate at a router of a sharded MongoDB: by which keys the collections are spread.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lint/tap.sh"

work=$(mktemp -d)
: >"$work/log"
python3 "$here/router.py" "$work/log" >"$work/port" 2>"$work/errors" &
router=$!
trap 'kill "$router"; rm -rf "$work"' EXIT
for _ in $(seq 100); do
	[ ! -s "$work/port" ] || break
	sleep 0.05
done
status=0
env -i PATH="$PATH" MONGODB_URI="mongodb://127.0.0.1:$(<"$work/port")" AMQP_URL=amqp://127.0.0.1 \
	AUTH_URL=http://127.0.0.1 CURSOR_SECRET="a secret of 16 bytes" \
	"${BUILD:?}/items.fcgi" --migrate >"$work/said" 2>&1 || status=$?

{ [ "$status" = 0 ] || cat "$work/said" "$work/errors"; } | rule "--migrate ends well"
sharded() { # COLLECTION
	jq -c "select(.shardCollection == \"shop.$1\").key" "$work/log"
}
is() { [ "$1" = "$2" ] || echo "$1 is not $2"; }
is "$(sharded items)" '{"_id":"hashed"}' | rule "items by their id, hashed"
is "$(sharded item_claims)" '{"_id":"hashed"}' | rule "claims of items' keys likewise"
order=$(jq -r 'if .index == "keys" then "dropped" elif .shardCollection == "shop.items" then "sharded" else empty end' \
	"$work/log" | paste -sd' ')
is "$order" 'dropped sharded' | rule "not before the index is gone that forbids it"
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
