#!/bin/bash
# Schemathesis asks the gateway whatever openapi.yaml allows, and much that it does not, as somebody
# signed in; all its checks hold, and every operation was seen to succeed.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/../integration/lib.sh"
use_stack
here=$(dirname "$(realpath "$0")")

for who in tester quitter leaver other forgetter victim boss; do
	new_user $who
done
"$SHOP_ROOT/dev/stack" admin "$EMAIL_boss" >/dev/null || bail "boss is no administrator"
login boss
# Another buys, so that the tester can't cancel what it is to ship.
new_item tester '{"stock":1000000}'
for state in confirmed shipped delivered; do
	# shellcheck disable=SC2154  # new_user sets them
	api POST "/buy/$ITEM" "$TOKEN_other"
	export "ORDER_$state=$(json .id)"
	[ $state = confirmed ] || api POST "/order/$(json .id)/ship" "$TOKEN_tester"
	[ $state != delivered ] || api POST "/order/$(json .id)/deliver" "$TOKEN_tester"
done
login tester
api GET /auth/session "$TOKEN_tester"
SESSION=$(json '.data[] | select(.current | not).id')
api POST /webhook "$TOKEN_tester" '{"url":"https://hooks.example.org/","events":["item.created"]}'
WEBHOOK=$(json .id)
api POST "/webhook/$WEBHOOK/ping" "$TOKEN_tester"
DELIVERY=$(json .id)

# mailed_token USER TEMPLATE: the token in the link of that mail.
mailed_token() {
	local address=EMAIL_$1
	eventually 30 mail_to "${!address}" "$2" || bail "no mail $2 came"
	mail_text | grep -oE 'token=[A-Za-z0-9._-]+' | head -n 1 | cut -d= -f2
}
api POST /auth/password/forgot '' "{\"email\":\"$EMAIL_forgetter\"}"
VERIFY_TOKEN=$(mailed_token other welcome) || exit
RESET_TOKEN=$(mailed_token forgetter password_reset) || exit

# On the services' own ports, which the gateway does not pass: answers.t has them.
internal='^/(healthz|readyz|metrics|auth/revoked)$'

export RUN_ID HOOKS=$here/schemathesis_hooks.py SEEN=$STORY_DIR/seen ITEM SESSION WEBHOOK DELIVERY \
	VERIFY_TOKEN RESET_TOKEN OTHER_EMAIL=$EMAIL_other \
	TOKEN=$TOKEN_tester QUITTER_TOKEN=$TOKEN_quitter REFRESH_TOKEN=$REFRESH_other \
	OTHER_TOKEN=$TOKEN_other OTHER_PASSWORD=$PASSWORD_other \
	LEAVER_TOKEN=$TOKEN_leaver LEAVER_PASSWORD=$PASSWORD_leaver \
	ADMIN_TOKEN=$TOKEN_boss VICTIM=$ID_victim

cd "$STORY_DIR" || exit
if "$here/python" -m schemathesis.cli --config-file "$here/schemathesis.toml" run \
	"$SHOP_ROOT/openapi.yaml" --url "$GATEWAY_URL" --exclude-path-regex "$internal" \
	>"$STORY_DIR/said" 2>&1; then
	pass "all checks hold: $(sed -n 's/^ *\([0-9]* generated.*\)/\1/p' "$STORY_DIR/said")"
else
	fail "all checks hold" "$(head -c 20000 "$STORY_DIR/said")"
fi

# The document's operations, one a line, with the statuses that were seen.
statuses() {
	PYTHONPATH=$here "$here/python" -c '
import json, sys
from contract import Contract
seen = json.load(open(sys.argv[1]))
for _, _, operation, _ in Contract().operations():
    if "x-internal" not in operation:
        print(operation["operationId"], *seen.get(operation["operationId"], ["none"]))' "$SEEN"
}
while read -r name seen; do
	case $name in
	# A code comes from a clock: tests/integration/auth-mfa.t.
	confirmTotp | removeTotp | finishMfaLogin) continue ;;
	esac
	case $seen in
	*2[0-9][0-9]*) pass "$name: a success was seen" ;;
	*) fail "$name: a success was seen" "statuses: $seen" ;;
	esac
done < <(statuses)
done_testing
