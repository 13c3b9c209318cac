# shellcheck shell=bash
# Stories about the running shop, told with curl, bash and jq, and judged by `prove`.
#
#   #!/bin/bash
#   . "$(dirname "$0")/lib.sh"
#   use_stack
#
#   story "A seller lists a lamp"
#   new_user alice
#   api POST /item "$TOKEN_alice" '{"name":"Lamp","price":{"amount":1999,"currency":"EUR"},"stock":3}'
#   is_status 201
#   json_is .price.amount 1999
#   done_testing
#
# A file is one test script: it may run beside others on one stack, so it makes its own users and
# items and never counts what others may add to.  It runs by itself too: prove tests/integration/x.t
# Every assertion prints one line of TAP, and on failure the request and the answer it is about.

set -uo pipefail

SHOP_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
STORY_DIR=$(mktemp -d "${TMPDIR:-/tmp}/shop-story.XXXXXX")
trap 'rm -rf "$STORY_DIR"' EXIT

# What makes names of this run its own.
RUN_ID=$(od -An -N5 -tx1 /dev/urandom | tr -d ' \n')

test_count=0
test_failures=0
story_title=
# The last request and its answer.
REQUEST='' STATUS='' BODY='' HEADERS=''

# --- the stack -----------------------------------------------------------------------------------

# Sets GATEWAY_URL AUTH_URL ITEMS_URL NOTIFIER_URL MAIL_DIR for the suite's stack, whose folder is
# SHOP_STACK_DIR.  Without one, starts the calling script again inside a stack of its own.  With
# SHOP_ADDRESSES the shop runs elsewhere, and that file sets them.
use_stack() {
	if [ -n "${SHOP_ADDRESSES-}" ]; then
		# shellcheck disable=SC1090  # whoever runs that shop writes it
		. "$SHOP_ADDRESSES"
		return
	fi
	if [ -z "${SHOP_STACK_DIR-}" ]; then
		rm -rf "$STORY_DIR"
		case $(realpath "$0") in
		"$SHOP_ROOT"/tests/faults/*) export BUILD=${BUILD:-$SHOP_ROOT/build/faults} ;;
		esac
		exec "$SHOP_ROOT/dev/with-stack" "$(realpath "$0")"
	fi
	local settings
	settings=$("$SHOP_ROOT/dev/stack" env "$SHOP_STACK_DIR") || bail "no stack in $SHOP_STACK_DIR"
	eval "$settings"
	: "${GATEWAY_URL:?}" "${AUTH_URL:?}" "${ITEMS_URL:?}" "${NOTIFIER_URL:?}" "${MAIL_DIR:?}"
}

# stack WORD...: dev/stack does so, or the story ends.
stack() {
	"$SHOP_ROOT/dev/stack" "$@" >"$STORY_DIR/stack" 2>&1 ||
		bail "dev/stack $*: $(cat "$STORY_DIR/stack")"
}

# --- TAP -----------------------------------------------------------------------------------------

note() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

# The script can't go on: its plan is never printed, so prove counts it as failed.
bail() {
	note "$*"
	exit 1
}

# story TITLE: what the next assertions are about.
story() {
	story_title=$1
	note "$1"
}

pass() {
	test_count=$((test_count + 1))
	printf 'ok %d - %s\n' "$test_count" "${story_title:+$story_title: }$1"
}

# fail WHAT [DETAIL...]: DETAIL is printed, a line each.
fail() {
	test_count=$((test_count + 1))
	test_failures=$((test_failures + 1))
	printf 'not ok %d - %s\n' "$test_count" "${story_title:+$story_title: }$1"
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/#   /'
}

skip() { # WHAT WHY
	test_count=$((test_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$test_count" "$1" "$2"
}

# ok WHAT COMMAND...: COMMAND succeeds.
ok() {
	local what=$1
	shift
	if "$@"; then
		pass "$what"
	else
		fail "$what" "failed: $*"
	fi
}

# is GOT WANTED WHAT
is() {
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3" "got:    $1" "wanted: $2"
	fi
}

done_testing() {
	printf '1..%d\n' "$test_count"
	[ "$test_failures" -eq 0 ]
	exit
}

# eventually SECONDS COMMAND...: runs COMMAND, in this shell, until it succeeds; fails at the end of
# the time, of which a busy host has several times as much as a quiet one should ever need, and a
# minute at least: what comes costs no more for it.  As an assertion:
#
#   ok "the mail came" eventually 5 mail_to …
PATIENCE=4
PATIENCE_LEAST_S=60
eventually() {
	local patience_s=$(($1 * PATIENCE)) end pause_ms=20 pause
	shift
	[ "$patience_s" -ge $PATIENCE_LEAST_S ] || patience_s=$PATIENCE_LEAST_S
	end=$((${EPOCHREALTIME/[.,]/} + patience_s * 1000000))
	until "$@"; do
		[ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || return 1
		printf -v pause '0.%03d' "$pause_ms"
		sleep "$pause"
		# What takes long is looked at less often: looking costs the host as much as what it waits for.
		pause_ms=$((pause_ms * 3 / 2 < 250 ? pause_ms * 3 / 2 : 250))
	done
}

# --- requests ------------------------------------------------------------------------------------

# api METHOD PATH [TOKEN [BODY [CURL OPTION...]]]
#
# Sets STATUS, BODY and HEADERS; BODY_FILE holds the body's exact bytes.  PATH is on the gateway, or
# a whole address: "$ITEMS_URL/metrics".  An empty TOKEN or BODY is none; a BODY "@file" is a file's,
# and is JSON unless an option names another Content-Type.
BODY_FILE=$STORY_DIR/body
api() {
	local method=$1 url=$2 token=${3-} body=${4-}
	local args=(--silent --show-error --path-as-is --globoff --max-time 60 --noproxy '*'
		--dump-header "$STORY_DIR/headers" --output "$BODY_FILE" --write-out '%{http_code}')
	shift $(($# < 4 ? $# : 4))
	case $url in
	/* | '') url=$GATEWAY_URL$url ;;
	esac
	case $method in
	HEAD) args+=(--head) ;;
	*) args+=(--request "$method") ;;
	esac
	[ -z "$token" ] || args+=(--header "Authorization: Bearer $token")
	[ -z "$body" ] || args+=(--header 'Expect:' --data-binary "$body")
	[ -z "$body" ] || [[ $* == *Content-Type:* ]] || args+=(--header 'Content-Type: application/json')
	REQUEST="$method $url${body:+ ${body:0:300}}"
	: >"$BODY_FILE"
	: >"$STORY_DIR/headers"
	STATUS=$(curl "${args[@]}" "$@" "$url" 2>"$STORY_DIR/curl") || true
	# For HEAD curl writes the headers there too.
	[ "$method" != HEAD ] || : >"$BODY_FILE"
	HEADERS=$(<"$STORY_DIR/headers")
	HEADERS=${HEADERS//$'\r'/}
	[ -z "${SHOP_EXCHANGES-}" ] || keep_exchange "$method" "$url" "$body"
	# shellcheck disable=SC2034  # for the story
	{ BODY=$(<"$BODY_FILE"); } 2>/dev/null # which would tell of each NUL that it leaves out
}

# api_in_turn ARGUMENT...: api, and again where a busy shop says when to come back, as its clients do:
# passwords are hashed a few at a time.
api_in_turn() {
	local tries
	for ((tries = 0; tries < 20; tries++)); do
		api "$@"
		[ "$STATUS" = 503 ] && [ -n "$(header Retry-After)" ] || return 0
		sleep "$(header Retry-After)"
	done
}

# With SHOP_EXCHANGES, a folder, every exchange is kept there: for the check against openapi.yaml.
keep_exchange() { # METHOD URL BODY
	local kept
	kept=$(mktemp -d "$SHOP_EXCHANGES/XXXXXXXX")
	printf '%s %s %s\n' "$1" "$2" "$STATUS" >"$kept/line"
	case $3 in
	@*) cp "${3#@}" "$kept/sent" ;;
	*) printf '%s' "$3" >"$kept/sent" ;;
	esac
	printf '%s\n' "$HEADERS" >"$kept/headers"
	cp "$BODY_FILE" "$kept/body"
}

# The value of an answer's header, empty without it; a repeated one is joined by commas.
header() {
	printf '%s\n' "$HEADERS" | awk -v name="$1" '
		BEGIN { name = tolower(name) ":" }
		# After "100 Continue" only the last block counts.
		/^HTTP\// { value = ""; found = 0 }
		tolower(substr($0, 1, length(name))) == name {
			text = substr($0, length(name) + 1)
			sub(/^[ \t]+/, "", text); sub(/[ \t]+$/, "", text)
			value = found++ ? value ", " text : text
		}
		END { print value }'
}

# json FILTER: jq on the answer; strings without quotes, the rest compact.
json() {
	jq -rc "$1" "$BODY_FILE" 2>/dev/null
}

fail_answer() { # WHAT WANTED
	fail "$1" "wanted:  $2" "request: $REQUEST" "status:  $STATUS $(cat "$STORY_DIR/curl")" \
		"$(printf '%s\n' "$HEADERS" | sed 1d)" "$(head -c 1500 "$BODY_FILE" | tr -d '\0')"
}

# is_ready URL: does the program there say that it has all it needs?  It has not at once.
is_ready() {
	api GET "$1/readyz"
	[ "$STATUS" = 200 ] && [ "$(json .status)" = ok ]
}

# --- assertions about the last answer ------------------------------------------------------------
# Each takes, last, what to say in place of its own words.

is_status() { # STATUS
	local what=${2:-"status is $1"}
	if [ "$STATUS" = "$1" ]; then
		pass "$what"
	else
		fail_answer "$what" "status $1"
	fi
}

# The answer is a problem of that code, well-formed: media type, type, status, title, detail.
is_code() { # CODE
	local what=${2:-"it is the problem $1"} type
	type=$(header Content-Type)
	if [ "${type%%;*}" = application/problem+json ] &&
		jq -e --arg code "$1" --argjson status "${STATUS:-0}" '
			.code == $code and .type == "/problems/" + $code and .status == $status
			and (.title | type == "string" and length > 0)
			and (.detail | type == "string" and length > 0)' "$BODY_FILE" >/dev/null 2>&1; then
		pass "$what"
	else
		fail_answer "$what" "application/problem+json with code $1, its type, its status, a title, a detail"
	fi
}

# is_problem STATUS CODE: both of the above in one assertion's place.
is_problem() {
	is_status "$1" "${3:+$3: }status is $1"
	is_code "$2" "${3:+$3: }it is the problem $2"
}

json_is() { # FILTER VALUE
	local got what=${3:-"$1 is $2"}
	if got=$(json "$1") && [ "$got" = "$2" ]; then
		pass "$what"
	else
		fail_answer "$what" "$1 = $2, not ${got:-nothing}"
	fi
}

json_like() { # FILTER REGEX
	local got what=${3:-"$1 matches $2"}
	if got=$(json "$1") && [[ $got =~ $2 ]]; then
		pass "$what"
	else
		fail_answer "$what" "$1 =~ $2, not ${got:-nothing}"
	fi
}

# A condition in jq's language holds.
json_holds() { # FILTER
	local what=${2:-"$1"}
	if jq -e "$1" "$BODY_FILE" >/dev/null 2>&1; then
		pass "$what"
	else
		fail_answer "$what" "$1"
	fi
}

header_is() { # NAME VALUE
	local what=${3:-"$1 is $2"}
	if [ "$(header "$1")" = "$2" ]; then
		pass "$what"
	else
		fail_answer "$what" "$1: $2"
	fi
}

header_like() { # NAME REGEX
	local what=${3:-"$1 matches $2"}
	if [[ $(header "$1") =~ $2 ]]; then
		pass "$what"
	else
		fail_answer "$what" "$1 =~ $2"
	fi
}

header_absent() { # NAME
	local what=${2:-"no $1"}
	if [ -z "$(header "$1")" ]; then
		pass "$what"
	else
		fail_answer "$what" "no header $1"
	fi
}

body_is_empty() {
	local what=${1:-"the body is empty"}
	if [ ! -s "$BODY_FILE" ]; then
		pass "$what"
	else
		fail_answer "$what" "no body"
	fi
}

# has_field_fault POINTER CODE: one of errors[] names the member of the body, or has_parameter_fault
# the parameter of the query.
has_field_fault() {
	has_fault pointer "$@"
}

has_parameter_fault() {
	has_fault parameter "$@"
}

has_fault() { # pointer|parameter WHERE CODE
	local what=${4:-"$2 is $3"}
	# shellcheck disable=SC2016  # $kind… are jq's
	if jq -e --arg kind "$1" --arg where "$2" --arg code "$3" '
		any(.errors[]; .[$kind] == $where and .code == $code
			and (.detail | type == "string"))' "$BODY_FILE" >/dev/null 2>&1; then
		pass "$what"
	else
		fail_answer "$what" "errors[] with $1 $2, code $3"
	fi
}

# --- people and things ---------------------------------------------------------------------------

# new_user NAME [MEMBERS]: registers and logs in somebody; sets TOKEN_NAME REFRESH_NAME ID_NAME
# EMAIL_NAME PASSWORD_NAME.  NAME is a word; the address is this run's own; MEMBERS are JSON laid over
# the defaults.
new_user() {
	local name=$1 members=${2-}
	printf -v "EMAIL_$name" '%s' "$name-$RUN_ID@example.org"
	printf -v "PASSWORD_$name" '%s' "open sesame $RUN_ID $name"
	local email=EMAIL_$name password=PASSWORD_$name
	# shellcheck disable=SC2016  # $over is jq's
	api_in_turn POST /auth/register '' "$(jq -n --argjson over "${members:-"{}"}" --arg email "${!email}" \
		--arg password "${!password}" --arg name "$name" '{$email, $password, $name} + $over')"
	[ "$STATUS" = 201 ] || bail_answer "can't register $name"
	printf -v "ID_$name" '%s' "$(json .id)"
	login "$name"
}

# login NAME: a further session of new_user's NAME, in TOKEN_NAME and REFRESH_NAME.
login() {
	local name=$1 email=EMAIL_$1 password=PASSWORD_$1
	api_in_turn POST /auth/login '' "$(jq -n --arg email "${!email}" --arg password "${!password}" \
		'{$email, $password}')"
	[ "$STATUS" = 200 ] || bail_answer "can't log in $name"
	printf -v "TOKEN_$name" '%s' "$(json .access_token)"
	printf -v "REFRESH_$name" '%s' "$(json .refresh_token)"
}

# make_admin NAME: new_user's NAME is an administrator from the next sign-in on; by the command
# SHOP_ADMIN where the shop runs elsewhere.
make_admin() {
	local email=EMAIL_$1 command
	read -ra command <<<"${SHOP_ADMIN:-$SHOP_ROOT/dev/stack admin}"
	"${command[@]}" "${!email}" >"$STORY_DIR/admin" 2>&1 || bail "$1 is no administrator: $(cat "$STORY_DIR/admin")"
}

# totp SECRET [STEPS]: the code of that many time steps from now (RFC 6238).
totp() {
	perl -MDigest::SHA=hmac_sha1 -e '
		my ($secret, $steps) = @ARGV;
		my $bits = join "", map { sprintf "%05b", index("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", $_) } split //, $secret;
		my $mac = hmac_sha1(pack("Q>", int(time / 30) + $steps), pack("B*", $bits));
		my $at = ord(substr $mac, 19) & 15;
		printf "%06d", (unpack("N", substr $mac, $at, 4) & 0x7fffffff) % 1000000' "$1" "${2-0}"
}

# new_item USER [MEMBERS]: USER lists something; MEMBERS are JSON laid over the defaults.  Sets ITEM,
# its id.
new_item() {
	local token=TOKEN_$1 members=${2-}
	# shellcheck disable=SC2016  # $over is jq's
	api POST /item "${!token}" "$(jq -n --argjson over "${members:-"{}"}" --arg name "Lamp $RUN_ID" '
		{$name, price: {amount: 1999, currency: "EUR"}, stock: 10} + $over')"
	[ "$STATUS" = 201 ] || bail_answer "can't make an item"
	# shellcheck disable=SC2034  # for the story
	ITEM=$(json .id)
}

bail_answer() {
	fail_answer "$1" "success"
	exit 1
}

# --- mail ----------------------------------------------------------------------------------------

# mails ADDRESS TEMPLATE: the files of the mails that ADDRESS got by that template ("welcome").
mails() {
	local file
	for file in "$MAIL_DIR"/new/* "$MAIL_DIR"/cur/*; do
		[ -f "$file" ] && printf '%s\0' "$file"
	done | xargs -0r grep -lixE -- "X-Shop-Template: *$2"$'\r?' | tr '\n' '\0' |
		xargs -0r grep -liE -- "^(To|X-RcptTo):(.*[ <])?${1//./\\.}>?"$'\r?$'
	return 0
}

# mail_to ADDRESS TEMPLATE [COUNT]: ADDRESS has that many, 1 unless told.  Sets MAIL to the first
# one's file.
mail_to() {
	local files
	mapfile -t files < <(mails "$1" "$2")
	MAIL=${files[0]-}
	[ "${#files[@]}" -eq "${3:-1}" ]
}

# mail_header NAME: of MAIL, unfolded.
mail_header() {
	tr -d '\r' <"${MAIL:-/dev/null}" | awk -v name="$1" '
		BEGIN { name = tolower(name) ":" }
		/^$/ { exit }
		/^[ \t]/ { if (on) { sub(/^[ \t]+/, " "); value = value $0 } next }
		{ on = tolower(substr($0, 1, length(name))) == name }
		on { value = substr($0, length(name) + 1); sub(/^[ \t]+/, "", value) }
		END { print value }'
}

# The whole of MAIL with its quoted-printable parts decoded.
mail_text() {
	tr -d '\r' <"${MAIL:-/dev/null}" | perl -MMIME::QuotedPrint -0777 -pe '$_ = decode_qp($_)'
}
