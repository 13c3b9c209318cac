#!/bin/bash
# An account's own data: changed by its owner, and gone with the account.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack

sql() { psql -qAtX -d "$AUTH_DATABASE_OWNER_URL" -c "$1"; }
dump() { pg_dump --data-only --inserts -d "$AUTH_DATABASE_OWNER_URL"; }
sign_in() { # EMAIL PASSWORD
	api POST /auth/login '' "$(jq -n --arg email "$1" --arg password "$2" '{$email, $password}')"
}

new_user ada
new_user eve

story "Ada changes her name and her language"
api GET /auth/me "$TOKEN_ada"
before=$(header ETag) made=$(json .created_at)
api PATCH /auth/me "$TOKEN_ada" '{"name":"Ada Lovelace","locale":"de"}'
is_status 200
json_is .name "Ada Lovelace"
json_is .created_at "$made"
json_holds '.updated_at > .created_at'
json_holds 'keys == ["created_at","email","email_verified","id","name","roles","updated_at"]'
after=$(header ETag)
ok "the tag is another" test "$after" != "$before"
api GET /auth/me "$TOKEN_ada"
json_is .name "Ada Lovelace"
header_is ETag "$after" "GET has the same tag"
is "$(sql "SELECT locale FROM users WHERE id = '$ID_ada'")" de "her language is kept"
is "$(sql "SELECT detail, actor_id, address, user_agent LIKE 'curl/%' FROM audit
	WHERE user_id = '$ID_ada' AND action = 'profile_changed'")" \
	"{\"changed\": [\"name\", \"locale\"]}|$ID_ada|127.0.0.1|t" "the audit knows who changed what"

story "What does not differ changes nothing"
api PATCH /auth/me "$TOKEN_ada" '{"name":"Ada Lovelace"}'
is_status 200
header_is ETag "$after"
api PATCH /auth/me "$TOKEN_ada" '{}' --header 'Content-Type: application/merge-patch+json'
is_status 200 "nor an empty patch"
header_is ETag "$after"
is "$(sql "SELECT count(*) FROM audit WHERE user_id = '$ID_ada' AND action = 'profile_changed'")" 1 \
	"the audit tells of one change"

story "null takes the language away"
api PATCH /auth/me "$TOKEN_ada" '{"locale":null}' --header 'Content-Type: application/merge-patch+json'
is_status 200
is "$(sql "SELECT locale IS NULL FROM users WHERE id = '$ID_ada'")" t "it is gone"

story "Somebody else was quicker"
api PATCH /auth/me "$TOKEN_ada" '{"name":"Countess"}' --header "If-Match: $before"
is_problem 412 precondition_failed
api GET /auth/me "$TOKEN_ada"
json_is .name "Ada Lovelace"
api PATCH /auth/me "$TOKEN_ada" '{"name":"Countess"}' --header "If-Match: $(header ETag)"
is_status 200 "with the tag of now"

story "Patches that are none"
api PATCH /auth/me "$TOKEN_ada" '{"name":null,"locale":"x","email":"x@example.org","roles":["admin"]}'
is_problem 422 validation_failed
has_field_fault /name wrong_type
has_field_fault /locale too_short
has_field_fault /email unknown_field
has_field_fault /roles unknown_field
api PATCH /auth/me "$TOKEN_ada" '{"name":"two\nlines"}'
is_problem 422 validation_failed
has_field_fault /name bad_format
api PATCH /auth/me "$TOKEN_ada" '[]'
is_problem 422 validation_failed "a list"
api PATCH /auth/me "$TOKEN_ada" 'name=Ada' --header 'Content-Type: application/x-www-form-urlencoded'
is_problem 415 unsupported_media_type
api PATCH /auth/me '' '{"name":"Nobody"}'
is_problem 401 missing_token
api PATCH /auth/me "$TOKEN_ada" "{\"name\":\"$(printf 'ü%.0s' {1..100})\"}"
is_status 200 "a hundred umlauts are a name"

story "Nobody deletes an account without its password"
api DELETE /auth/me "$TOKEN_ada" '{"password":"not hers at all"}'
is_problem 403 wrong_password
api DELETE /auth/me "$TOKEN_ada" "{\"password\":\"$PASSWORD_eve\"}"
is_problem 403 wrong_password "another's does not do"
api DELETE /auth/me "$TOKEN_ada" '{}'
is_problem 422 validation_failed
has_field_fault /password required
api DELETE /auth/me "$TOKEN_ada"
is_problem 400 malformed_request "no body"
api DELETE /auth/me '' "{\"password\":\"$PASSWORD_ada\"}"
is_problem 401 missing_token
api GET /auth/me "$TOKEN_ada"
is_status 200 "it is still there"
is "$(sql "SELECT count(*) FROM audit WHERE user_id = '$ID_ada' AND action = 'password_refused'")" 2 \
	"the audit knows of both tries"

story "Ada leaves"
name="Augusta $RUN_ID"
api PATCH /auth/me "$TOKEN_ada" "{\"name\":\"$name\"}"
first=$TOKEN_ada first_refresh=$REFRESH_ada
api POST /auth/validate '' "{\"token\":\"$first\"}"
first_session=$(json .sid)
login ada
# Mail that waits, and a failure that was counted.
sign_in "$EMAIL_ada" "a wrong guess"
api POST /auth/password/forgot '' "{\"email\":\"$EMAIL_ada\"}"
ok "the stores know her" grep -q "$RUN_ID" <(dump)
api DELETE /auth/me "$TOKEN_ada" "{\"password\":\"$PASSWORD_ada\"}"
is_status 204
body_is_empty
for token in "$first" "$TOKEN_ada"; do
	api GET /auth/me "$token"
	is_problem 401 invalid_token "a token of hers"
	api POST /auth/validate '' "{\"token\":\"$token\"}"
	json_is . '{"active":false}' "and to whoever asks"
done
api POST /auth/refresh '' "{\"refresh_token\":\"$first_refresh\"}"
is_problem 401 invalid_token "she can't go on"
sign_in "$EMAIL_ada" "$PASSWORD_ada"
is_problem 401 invalid_credentials "nor come back"
api DELETE /auth/me "$TOKEN_ada" "{\"password\":\"$PASSWORD_ada\"}"
is_problem 401 invalid_token "nor leave twice"
api GET "$AUTH_URL/auth/revoked"
json_holds "any(.sessions[]; .sid == \"$first_session\")" "the other services learn that her sessions ended"

story "Nothing of her remains but ids"
no_trace() {
	! dump | grep -v "$EMAIL_eve" | grep -qiE "$EMAIL_ada|$name"
}
ok "neither her address nor her name are in the database" eventually 10 no_trace
is "$(sql "SELECT count(*) FROM sessions WHERE user_id IS NULL AND id = '$first_session' AND user_agent = ''")" 1 \
	"of her session, when it ended"
is "$(sql "SELECT count(*) FROM audit WHERE user_id = '$ID_ada' AND action = 'deleted'")" 1 "the audit has her id"
is "$(sql "SELECT string_agg(action, ' ') FROM audit WHERE user_id = '$ID_ada' AND address || user_agent <> ''")" \
	deleted "and from where she came for her last step alone"
ok "the event was sent" eventually 10 eval \
	"[ \"\$(sql \"SELECT count(*) FROM outbox WHERE body::jsonb->>'subject' = '$ID_ada'\")\" = 0 ]"

story "Her address may register again"
api POST /auth/register '' "{\"email\":\"$EMAIL_ada\",\"password\":\"$PASSWORD_ada\",\"name\":\"Another\"}"
is_status 201
json_holds ".id != \"$ID_ada\"" "it is another account"
api GET /auth/me "$TOKEN_eve"
is_status 200 "Eve is still there"

done_testing
