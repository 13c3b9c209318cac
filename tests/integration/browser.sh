# shellcheck shell=bash
# For stories about pages: a headless Chromium, driven through chromedriver, which speaks WebDriver
# (https://www.w3.org/TR/webdriver2/): JSON over HTTP.  To be read after lib.sh.

# Starts both, or fails, the reason in BROWSER_MISSING.  They end with the story.
start_browser() {
	local program port folder=$STORY_DIR/browser
	for program in chromedriver chromium; do
		command -v "$program" >/dev/null || {
			BROWSER_MISSING="$program is not installed (dev/install preview)"
			return 1
		}
	done
	mkdir -p "$folder"
	chromedriver --port=0 >"$folder/log" 2>&1 &
	BROWSER_PID=$!
	trap 'stop_browser; rm -rf "$STORY_DIR"' EXIT
	eventually 20 grep -q 'started successfully on port' "$folder/log" ||
		bail "no chromedriver: $(cat "$folder/log")"
	port=$(sed -n 's/.*started successfully on port \([0-9]*\).*/\1/p' "$folder/log")
	BROWSER=http://127.0.0.1:$port/session
	browser POST '' "$(jq -nc --arg binary "$(command -v chromium)" --arg profile "$folder/profile" '
		{capabilities: {alwaysMatch: {"goog:chromeOptions": {$binary, args: ["--headless",
			"--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
			"--no-proxy-server", "--no-first-run", "--window-size=800,900", "--user-data-dir=" + $profile]},
			"goog:loggingPrefs": {browser: "ALL"}}}}')" ||
		bail "no browser: $(cat "$folder/answer")"
	BROWSER+=/$(jq -r .value.sessionId "$folder/answer")
}

stop_browser() {
	[[ $BROWSER != */session/* ]] || browser DELETE '' || true
	kill "$BROWSER_PID" 2>/dev/null || true
	wait "$BROWSER_PID" 2>/dev/null || true
}

# browser METHOD PATH [BODY]: a command of the protocol.
browser() {
	curl --silent --show-error --fail-with-body --noproxy '*' --max-time 120 --request "$1" \
		${3:+--data-binary "$3"} --output "$STORY_DIR/browser/answer" "$BROWSER$2"
}

browser_value() { # FILTER: of the last command's answer
	jq -rc ".value$1" "$STORY_DIR/browser/answer"
}

open_page() { # URL
	browser POST /url "$(jq -nc --arg url "$1" '{$url}')" || bail "can't open $1"
}

# The languages of whoever looks, from the next page on: "de-AT,de".
speak() {
	browser POST /goog/cdp/execute "$(jq -nc --arg acceptLanguage "$1" \
		'{cmd: "Emulation.setUserAgentOverride", params: {userAgent: "Chromium", $acceptLanguage}}')"
}

# Whether the browser is cut off the network: true or false.
go_offline() {
	browser POST /chromium/network_conditions \
		"{\"network_conditions\":{\"offline\":$1,\"latency\":0,\"throughput\":10000000}}"
}

# run_script SCRIPT: what it returns.
run_script() {
	browser POST /execute/sync "$(jq -nc --arg script "$1" '{$script, args: []}')" && browser_value ''
}

element() { # SELECTOR: sets ELEMENT
	browser POST /element "$(jq -nc --arg value "$1" '{using: "css selector", $value}')" &&
		ELEMENT=/element/$(browser_value '[]')
}

# As a person does: what can't be seen or reached can't be clicked.
click() { # SELECTOR
	element "$1" && browser POST "$ELEMENT/click" '{}'
}

# In place of what stands there.
type_into() { # SELECTOR TEXT
	element "$1" && browser POST "$ELEMENT/clear" '{}' &&
		browser POST "$ELEMENT/value" "$(jq -nc --arg text "$2" '{$text}')"
}

# What a person reads there; nothing, where it is hidden.
text_of() { # SELECTOR
	run_script "const e = document.querySelector('$1'); return e.checkVisibility() ? e.innerText : ''"
}

# shows SELECTOR TEXT: some of what is read there, by and by.
shows() {
	ok "$1 shows '$2'" eventually 10 reads "$1" "$2"
}

reads() {
	[[ $(text_of "$1") == *"$2"* ]]
}

# With SHOP_PICTURES, a folder: what is seen now, as NAME.png, wide and on a phone.
picture() {
	[ -n "${SHOP_PICTURES-}" ] || return 0
	local width
	for width in 800 375; do
		browser POST /goog/cdp/execute "{\"cmd\":\"Emulation.setDeviceMetricsOverride\",
			\"params\":{\"width\":$width,\"height\":760,\"deviceScaleFactor\":1,\"mobile\":false}}" &&
			browser GET /screenshot && browser_value '' | base64 -d >"$SHOP_PICTURES/$1-$width.png"
	done
	browser POST /goog/cdp/execute '{"cmd":"Emulation.clearDeviceMetricsOverride","params":{}}'
}
