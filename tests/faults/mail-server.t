#!/bin/bash
# The mail server makes trouble of every kind: what may pass is tried again, what never will is not,
# and each job tells what the server said.
# shellcheck source=tests/faults/lib/notifier.sh
. "$(dirname "$0")/lib/notifier.sh"
# shellcheck source=tests/integration/settings.sh
. "$(dirname "$0")/../integration/settings.sh"
use_stack

# --- a mail server of this story's own -----------------------------------------------------------

# The programs of the stack run by another account.
TROUBLE=$SHOP_STACK_DIR/trouble
mkdir -m 755 "$TROUBLE"
: >"$TROUBLE/log"
PLAIN=$(free_port) LOGIN=$(free_port) SMTPS=$(free_port)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost -keyout "$TROUBLE/key" -out "$TROUBLE/ca.pem" 2>/dev/null ||
	bail "no certificate"
chmod 644 "$TROUBLE/ca.pem"

is_serving() { [ "$(grep -c '^ready' "$TROUBLE/log")" = "$1" ]; }
starts=0
start_server() {
	/usr/bin/python3 "$SHOP_ROOT/tests/faults/smtp_trouble.py" "$TROUBLE/log" "$TROUBLE/key" \
		"$TROUBLE/ca.pem" "$PLAIN" "$LOGIN" "$SMTPS" >"$TROUBLE/out" 2>&1 &
	SERVER=$!
	starts=$((starts + 1))
	eventually 20 is_serving "$starts" || bail "no mail server: $(cat "$TROUBLE/out")"
}
stop_server() {
	kill "$SERVER"
	wait "$SERVER"
}

finish() {
	kill "$SERVER" 2>/dev/null
	usual_settings
	rm -rf "$STORY_DIR" "$TROUBLE"
}
trap finish EXIT

# --- people, and what became of their mail -------------------------------------------------------

# somebody WORD: registers WORD-….  Their welcome is the mail that meets with trouble.
somebody() {
	api POST /auth/register '' "$(jq -n --arg email "$1-$RUN_ID@example.org" \
		--arg password "open sesame $RUN_ID" '{$email, $password, name: "Some Body"}')"
	[ "$STATUS" = 201 ] || bail_answer "can't register $1"
	ids[$1]=$(json .id)
}
declare -A ids

# The state of WORD's mail, and a line for each attempt.
fate() {
	sql "SELECT state FROM jobs WHERE recipient = '${ids[$1]}'
		UNION ALL (SELECT result || ': ' || a.detail FROM jobs JOIN attempts a ON a.job_id = id
			WHERE recipient = '${ids[$1]}' ORDER BY number)"
}
is_fate() { [[ $(fate "$1" | paste -sd '|') =~ $2 ]]; }
meets() { # WORD PATTERN WHAT
	if eventually 40 is_fate "$1" "$2"; then
		pass "$3"
	else
		fail "$3" "$(fate "$1")" "wanted: $2"
	fi
}
login_as() { # WORD
	api POST /auth/login '' "$(jq -n --arg email "$1-$RUN_ID@example.org" \
		--arg password "open sesame $RUN_ID" '{$email, $password}')"
	TOKEN=$(json .access_token)
}
# The same of WORD's mail that, while it waits, need not wait as long as the schedule says.
meets_soon() { # WORD PATTERN WHAT
	if eventually 40 is_fate_soon "$1" "$2"; then
		pass "$3"
	else
		fail "$3" "$(fate "$1")" "wanted: $2"
	fi
}
is_fate_soon() {
	# Not while it is being sent.
	sql "UPDATE jobs SET due_at = now() WHERE recipient = '${ids[$1]}' AND state = 'queued'
		AND attempts = (SELECT count(*) FROM attempts WHERE job_id = id)"
	is_fate "$@"
}
ARRIVED='^sent(\|try_later: [^|]*)+\|sent: 250 2.0.0 taken$'

# --- the story -----------------------------------------------------------------------------------

start_server

story "A server with STARTTLS and a login"
with notifier "SMTP_URL=smtp://shop:p%40ss@localhost:$LOGIN?tls=required&cacertfile=$TROUBLE/ca.pem"
for word in hang later full drop never spam good jörg; do
	somebody "$word"
done
meets good '^sent\|sent: 250 2.0.0 taken$' "a mail arrives"
meets never '^failed\|refused: 550 5.1.1 nobody of that name$' "5xx to the recipient is final"
login_as never
api GET /notification "$TOKEN"
json_is '.data[] | [.template, .status, .attempts[].result]' '["welcome","failed","refused"]' "as whoever it was for can see"
meets spam "^failed\|refused: 554 5.7.1 we don't like it\$" "5xx to the text is final"
meets jörg '^failed\|refused: the address needs SMTPUTF8, which the mail server does not offer$' \
	"an address the server can't take is refused, with the reason"
meets_soon later "^sent\|try_later: 450 4.2.0 greylisted\|sent: 250" "4xx to the recipient is tried later"
meets_soon full "^sent\|try_later: 452 4.2.2 mailbox full\|sent: 250" "4xx to the text is tried later"
meets_soon drop "$ARRIVED" "so is what a lost connection left without an answer"
# The next attempt is soon: it may be over before one looks.
meets hang '^(queued|sent)\|try_later: ' "and what a server kept silent about"
meets_soon hang "$ARRIVED" "which arrives in the end, too"
is "$(grep -c "^mail drop-$RUN_ID" "$TROUBLE/log")" 2 "what was taken without an answer is sent again"
is "$(grep "^mail drop-$RUN_ID" "$TROUBLE/log" | sort -u | wc -l)" 1 "under the same Message-ID"
is "$(grep -cE "^mail (never|spam|jörg)-$RUN_ID" "$TROUBLE/log")" 0 "the refused are not sent"

story "Nobody is there"
stop_server
somebody calm
meets calm '^queued\|try_later: .*connect' "it is tried later"
start_server
meets_soon calm "$ARRIVED" "and sent when the server is back"

story "A wrong password"
with notifier "SMTP_URL=smtp://shop:wrong@localhost:$LOGIN?tls=required&cacertfile=$TROUBLE/ca.pem"
somebody wary
meets wary '^queued\|try_later: 535 ' "costs nobody their mail"

story "TLS is required, and the server has none"
with notifier "SMTP_URL=smtp://localhost:$PLAIN?tls=required"
somebody tess
meets tess '^queued\|try_later: ' "nothing is sent without it"

story "A certificate that nobody vouches for"
with notifier "SMTP_URL=smtps://localhost:$SMTPS"
somebody cora
meets cora '^queued\|try_later: .*certificate' "nothing is sent to who shows it"
with notifier "SMTP_URL=smtps://127.0.0.1:$SMTPS?cacertfile=$TROUBLE/ca.pem"
somebody nora
meets nora '^queued\|try_later: ' "nor under another name than its own"
is "$(grep -cE "^mail (wary|tess|cora|nora)-$RUN_ID" "$TROUBLE/log")" 0 "the server got none of it"

story "TLS from the start"
with notifier "SMTP_URL=smtps://localhost:$SMTPS?cacertfile=$TROUBLE/ca.pem"
for word in wary tess cora nora; do
	meets_soon "$word" "$ARRIVED" "$word's mail arrives"
done

done_testing
