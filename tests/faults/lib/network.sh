# shellcheck shell=bash
# Networks that misbehave: each program's connection to each of its stores goes through a proxy.
# shellcheck source=tests/faults/lib/notifier.sh
. "$(dirname "${BASH_SOURCE[0]}")/notifier.sh"
# shellcheck source=tests/integration/settings.sh
. "$SHOP_ROOT/tests/integration/settings.sh"

# The servers' account reads these, which hold passwords of this stack alone.
URLS_DIR=$(mktemp -d "${TMPDIR:-/tmp}/shop-urls.XXXXXX")
chmod 711 "$URLS_DIR"

open_network() {
	local port
	"$SHOP_ROOT/tests/faults/toxiproxy" --build || bail "toxiproxy can't be built"
	port=$(free_port)
	TOXIPROXY=http://127.0.0.1:$port
	"$SHOP_ROOT/tests/faults/toxiproxy" -host 127.0.0.1 -port "$port" >"$STORY_DIR/toxiproxy" 2>&1 &
	TOXIPROXY_PID=$!
	ok "a network of proxies" eventually 20 toxiproxy GET /version
}

close_network() {
	usual_settings
	kill "$TOXIPROXY_PID" 2>/dev/null
	rm -rf "$STORY_DIR" "$URLS_DIR"
}

toxiproxy() { # METHOD PATH [JSON]
	curl -fsS --noproxy '*' --max-time 10 -o "$STORY_DIR/toxic" -X "$1" ${3:+--data-binary "$3"} \
		"$TOXIPROXY$2" 2>"$STORY_DIR/curl"
}

# link NAME PORT: a proxy of that name to 127.0.0.1:PORT; sets LINK_PORT.
link() {
	LINK_PORT=$(free_port)
	toxiproxy POST /proxies \
		"{\"name\":\"$1\",\"listen\":\"127.0.0.1:$LINK_PORT\",\"upstream\":\"127.0.0.1:$2\"}" ||
		bail "no proxy for $1: $(cat "$STORY_DIR/curl" "$STORY_DIR/toxic")"
}

# link_file NAME PORT URL: the same; prints a file with URL, whose port becomes the proxy's.
link_file() {
	printf '%s\n' "${3/127.0.0.1:$2/127.0.0.1:$LINK_PORT}" >"$URLS_DIR/$1"
	chmod 644 "$URLS_DIR/$1"
	printf '%s\n' "$URLS_DIR/$1"
}

# What can happen to a link.  `deaf` is half open: what is sent arrives, and no answer ever does.
trouble() { # LINK slow|cut|silent|deaf
	case $2 in
	slow) toxic "$1" '{"type":"latency","attributes":{"latency":100,"jitter":50}}' ;;
	cut) toxic "$1" '{"type":"reset_peer","attributes":{"timeout":0}}' ;;
	silent)
		toxic "$1" '{"type":"timeout","stream":"upstream","attributes":{"timeout":0}}'
		toxic "$1" '{"type":"timeout","attributes":{"timeout":0}}'
		;;
	deaf) toxic "$1" '{"type":"timeout","attributes":{"timeout":0}}' ;;
	esac
}
toxic() { # LINK JSON
	toxiproxy POST "/proxies/$1/toxics" "$2" || bail "no trouble for $1: $(cat "$STORY_DIR/curl")"
}

mend() { # LINK
	local name
	toxiproxy GET "/proxies/$1/toxics" || bail "no link $1"
	for name in $(jq -r '.[].name' "$STORY_DIR/toxic"); do
		toxiproxy DELETE "/proxies/$1/toxics/$name" || bail "$name of $1 stays"
	done
}
