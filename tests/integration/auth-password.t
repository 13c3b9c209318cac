#!/bin/bash
# Another password: by the one before, and by a link in a mail; and what a verified address is.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack

sql() { psql -qAtX -d "$AUTH_DATABASE_OWNER_URL" -c "$1"; }
sign_in() { # EMAIL PASSWORD
	api POST /auth/login '' "$(jq -n --arg email "$1" --arg password "$2" '{$email, $password}')"
}
change() { # TOKEN CURRENT NEW
	api POST /auth/password/change "$1" "$(jq -n --arg current_password "$2" --arg new_password "$3" \
		'{$current_password, $new_password}')"
}
reset() { # LINK_TOKEN NEW
	api POST /auth/password/reset '' "$(jq -n --arg token "$1" --arg new_password "$2" '{$token, $new_password}')"
}
verify() { # LINK_TOKEN
	api POST /auth/email/verify '' "{\"token\":\"$1\"}"
}
# link ADDRESS TEMPLATE [COUNT]: the token in the newest of that many mails, in LINK.
link() {
	local file
	ok "the mail $2 came" eventually 30 mail_to "$1" "$2" "${3:-1}"
	# shellcheck disable=SC2012  # the stack names these files
	file=$(mails "$1" "$2" | xargs -r ls -t | head -n 1)
	MAIL=$file
	LINK=$(mail_text | grep -oE '\?token=[A-Za-z0-9_-]+' | head -n 1)
	LINK=${LINK#*=}
}
audited() { # ID ACTION
	sql "SELECT count(*) FROM audit WHERE user_id = '$1' AND action = '$2'"
}
is_alive() { # TOKEN
	api POST /auth/validate '' "{\"token\":\"$1\"}"
	[ "$(json .active)" = true ]
}
verified() { # TOKEN: its claim
	local part
	part=$(cut -d. -f2 <<<"$1" | tr '_-' '/+')
	base64 -d <<<"$part$(printf '=%.0s' $(seq $(((4 - ${#part} % 4) % 4))))" 2>/dev/null | jq .email_verified
}

new_user ada
phone=$TOKEN_ada phone_refresh=$REFRESH_ada
login ada

story "Ada changes her password"
new="another secret $RUN_ID"
change "$TOKEN_ada" "$PASSWORD_ada" "$new"
is_status 204
body_is_empty
ok "the session she did it by goes on" is_alive "$TOKEN_ada"
ok "every other has ended" eval '! is_alive "$phone"'
api POST /auth/refresh '' "{\"refresh_token\":\"$phone_refresh\"}"
is_problem 401 invalid_token "and can't be refreshed"
api POST /auth/refresh '' "{\"refresh_token\":\"$REFRESH_ada\"}"
is_status 200 "hers can"
sign_in "$EMAIL_ada" "$PASSWORD_ada"
is_problem 401 invalid_credentials "the old one is good no more"
sign_in "$EMAIL_ada" "$new"
is_status 200 "the new one is"
is "$(sql "SELECT jsonb_array_length(detail->'sessions'), actor_id FROM audit
	WHERE user_id = '$ID_ada' AND action = 'password_changed'")" "1|$ID_ada" "the audit knows"
ok "she is told by mail" eventually 30 mail_to "$EMAIL_ada" password_changed
PASSWORD_ada=$new

story "Changes that are none"
change "$TOKEN_ada" "not hers at all" "a good new secret"
is_problem 403 wrong_password
change "$TOKEN_ada" "$PASSWORD_ada" short
is_problem 422 validation_failed
has_field_fault /new_password too_short
change "$TOKEN_ada" "$PASSWORD_ada" "$(printf 'x%.0s' {1..129})"
has_field_fault /new_password too_long
change "$TOKEN_ada" "$PASSWORD_ada" Password123
has_field_fault /new_password password_too_common
change "$TOKEN_ada" "$PASSWORD_ada" "${EMAIL_ada^^}"
has_field_fault /new_password password_too_common "her own address"
api POST /auth/password/change "$TOKEN_ada" '{"password":"x"}'
is_problem 422 validation_failed
has_field_fault /current_password required
has_field_fault /new_password required
has_field_fault /password unknown_field
change '' "$PASSWORD_ada" "a good new secret"
is_problem 401 missing_token
sign_in "$EMAIL_ada" "$PASSWORD_ada"
is_status 200 "nothing of that changed anything"

story "Whoever took her phone can't guess on"
login ada
thief=$TOKEN_ada
for try in 1 2 3 4 5; do
	change "$thief" "guess number $try" "a good new secret"
	[ "$STATUS" = 403 ] || break
done
is_problem 403 wrong_password "the fifth guess"
change "$thief" "$PASSWORD_ada" "a good new secret"
is_problem 429 account_locked "the sixth"
header_like Retry-After '^[1-9][0-9]*$'
api DELETE /auth/me "$thief" "{\"password\":\"$PASSWORD_ada\"}"
is_problem 429 account_locked "another door is shut too"
login ada
pass "she signs in all the same"

story "NFC: the same password however its letters are composed"
change "$TOKEN_ada" "$PASSWORD_ada" $'caf\u00e9 cr\u00e8me br\u00fbl\u00e9e'
is_status 204
change "$TOKEN_ada" $'cafe\u0301 cre\u0300me bru\u0302le\u0301e' "$PASSWORD_ada"
is_status 204

story "Who forgot, and who was never here: one answer"
api POST /auth/password/forgot '' "{\"email\":\"${EMAIL_ada^^}\"}"
is_status 202
body_is_empty
known=$(sed -E '/^(X-Request-Id|Date|traceparent):/d' <<<"$HEADERS")
for email in "nobody-$RUN_ID@example.org" "no address"; do
	api POST /auth/password/forgot '' "{\"email\":\"$email\"}"
	is_status 202 "'$email'"
	body_is_empty
	is "$(sed -E '/^(X-Request-Id|Date|traceparent):/d' <<<"$HEADERS")" "$known" "the same headers"
done
api POST /auth/password/forgot '' '{"mail":"x"}'
is_problem 422 validation_failed
has_field_fault /email required
has_field_fault /mail unknown_field
link "$EMAIL_ada" password_reset
first_link=$LINK
none_waits() { [ "$(sql "SELECT count(*) FROM reset_requests WHERE email_key LIKE '%${RUN_ID}%'")" = 0 ]; }
ok "no request remains" eventually 30 none_waits
is "$(mails "nobody-$RUN_ID@example.org" password_reset | wc -l)" 0 "nobody got no mail"
is "$(audited "$ID_ada" reset_requested)" 1 "the audit knows"

story "What is kept can't be used"
is "$(sql "SELECT count(*) FROM email_tokens WHERE token_hash = '$first_link'")" 0 "a hash is kept, not the token"
reset "$(sql "SELECT token_hash FROM email_tokens WHERE user_id = '$ID_ada' AND purpose = 'reset'")" "a good new secret"
is_problem 400 invalid_or_expired_token
for token in x "$(printf 'A%.0s' {1..43})" "$TOKEN_ada"; do
	reset "${token:0:500}" "a good new secret"
	is_problem 400 invalid_or_expired_token "${token:0:10}…"
done
reset "$first_link" short
is_problem 422 validation_failed "a link is not spent on a bad password"
has_field_fault /new_password too_short
reset "$first_link" sunshine1
has_field_fault /new_password password_too_common
reset "$first_link" "$EMAIL_ada"
has_field_fault /new_password password_too_common "her own address"
api POST /auth/email/verify '' "{\"token\":\"$first_link\"}"
is_problem 400 invalid_or_expired_token "nor on something else"

story "A link sets a new password, once"
api POST /auth/password/forgot '' "{\"email\":\"$EMAIL_ada\"}"
link "$EMAIL_ada" password_reset 2
second_link=$LINK
ok "it is another" test "$first_link" != "$second_link"
login ada
reset "$second_link" "reset secret $RUN_ID"
is_status 204
body_is_empty
ok "every session has ended" eval '! is_alive "$TOKEN_ada" && ! is_alive "$thief"'
api POST /auth/refresh '' "{\"refresh_token\":\"$REFRESH_ada\"}"
is_problem 401 invalid_token
sign_in "$EMAIL_ada" "$PASSWORD_ada"
is_problem 401 invalid_credentials
PASSWORD_ada="reset secret $RUN_ID"
sign_in "$EMAIL_ada" "$PASSWORD_ada"
is_status 200
reset "$second_link" "yet another secret"
is_problem 400 invalid_or_expired_token "it is spent"
reset "$first_link" "yet another secret"
is_problem 400 invalid_or_expired_token "and its sibling too"
is "$(audited "$ID_ada" password_reset)" 1 "the audit knows"
ok "she is told by mail" eventually 30 mail_to "$EMAIL_ada" password_changed 4

story "A link is good for half an hour, and for the address it was sent to"
api POST /auth/password/forgot '' "{\"email\":\"$EMAIL_ada\"}"
link "$EMAIL_ada" password_reset 3
is "$(sql "SELECT expires_at - created_at FROM email_tokens WHERE user_id = '$ID_ada' AND purpose = 'reset'")" \
	00:30:00 "half an hour"
sql "UPDATE email_tokens SET email_key = 'old-' || email_key WHERE user_id = '$ID_ada' AND purpose = 'reset'"
reset "$LINK" "yet another secret"
is_problem 400 invalid_or_expired_token "another address"
sql "UPDATE email_tokens SET email_key = substr(email_key, 5), expires_at = now()
	WHERE user_id = '$ID_ada' AND purpose = 'reset'"
reset "$LINK" "yet another secret"
is_problem 400 invalid_or_expired_token "too late"

story "Nobody fills her mailbox"
for _ in 1 2 3 4 5; do
	api POST /auth/password/forgot '' "{\"email\":\"$EMAIL_ada\"}"
	is_status 202
done
seen_to() { [ "$(sql "SELECT count(*) FROM reset_requests WHERE email_key = lower('$EMAIL_ada')")" = 0 ]; }
ok "all were seen to" eventually 30 seen_to
is "$(audited "$ID_ada" reset_requested)" 7 "after five in half an hour that count none is sent"

story "Her address is verified by the link in the welcome mail"
login ada
is "$(verified "$TOKEN_ada")" false "not yet"
link "$EMAIL_ada" welcome
welcome=$LINK
api POST /auth/email/resend "$TOKEN_ada"
is_status 202
body_is_empty
link "$EMAIL_ada" email_verification
resent=$LINK
ok "the resent link is another" test "$welcome" != "$resent"
reset "$resent" "yet another secret"
is_problem 400 invalid_or_expired_token "it resets no password"
verify "$resent"
is_status 204
body_is_empty
verify "$resent"
is_problem 400 invalid_or_expired_token "once"
verify "$welcome"
is_problem 400 invalid_or_expired_token "its sibling is spent too"
api GET /auth/me "$TOKEN_ada"
json_is .email_verified true
login ada
is "$(verified "$TOKEN_ada")" true "her token says so"
is "$(audited "$ID_ada" email_verified)" 1 "the audit knows"
api POST /auth/email/resend "$TOKEN_ada" '{}'
is_status 202 "once more is no error"
is "$(audited "$ID_ada" verification_requested)" 1 "but sends nothing"
api POST /auth/email/resend ''
is_problem 401 missing_token
api POST /auth/email/resend "$TOKEN_ada" '{"email":"x@example.org"}'
is_problem 422 validation_failed
has_field_fault /email unknown_field
verify "$(printf 'A%.0s' {1..43})"
is_problem 400 invalid_or_expired_token
api POST /auth/email/verify '' '{}'
is_problem 422 validation_failed
has_field_fault /token required

done_testing
