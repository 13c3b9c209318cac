#!/bin/bash
# Sign-ins that come in hundreds, while others go on.
. "$(dirname "$0")/lib.sh"
use_stack

new_user ada
new_user bob

story "Two hundred sign-ins at once, right and wrong, known and unknown"
for n in {1..200}; do
	case $((n % 4)) in
	0) email=$EMAIL_bob password=$PASSWORD_bob ;;
	1) email=$EMAIL_ada password=wrong ;;
	2) email=$EMAIL_ada password=$PASSWORD_ada ;;
	3) email=nobody-$n-$RUN_ID@example.org password=wrong ;;
	esac
	jq -n --arg email "$email" --arg password "$password" '{$email, $password}' >"$STORY_DIR/login-$n"
done
: >"$STORY_DIR/go"
while [ -e "$STORY_DIR/go" ]; do
	curl --silent --noproxy '*' --max-time 60 --output /dev/null --write-out '%{http_code}\n' \
		--header "Authorization: Bearer $TOKEN_bob" "$GATEWAY_URL/auth/validate" >>"$STORY_DIR/validate"
done &
for n in {1..200}; do
	printf 'url = "%s"\nheader = "Content-Type: application/json"\ndata = "@%s"\noutput = "%s"\nnoproxy = "*"\n' \
		"$GATEWAY_URL/auth/login" "$STORY_DIR/login-$n" "$STORY_DIR/answer-$n"
	printf 'silent\nmax-time = 60\nwrite-out = "%%{http_code} %%header{retry-after}\\n"\nnext\n'
done >"$STORY_DIR/logins"
sed -i '$d' "$STORY_DIR/logins"
curl --parallel --parallel-immediate --parallel-max 200 --config "$STORY_DIR/logins" \
	>"$STORY_DIR/results" 2>/dev/null
rm "$STORY_DIR/go"
wait
is "$(wc -l <"$STORY_DIR/results")" 200 "each is answered"
is "$(grep -vcE '^(200|401) |^(429|503) [1-9][0-9]*$' "$STORY_DIR/results")" 0 \
	"with 200 or 401, or 429 or 503 and a Retry-After"
note "$(cut -d' ' -f1 "$STORY_DIR/results" | sort | uniq -c | xargs)"
ok "some had their turn" grep -qE '^(200|401)' "$STORY_DIR/results"
is "$(sort -u "$STORY_DIR/validate")" 204 "tokens were validated meanwhile"
note "$(wc -l <"$STORY_DIR/validate") validations"
login bob
pass "and afterwards it goes on"

done_testing
