#!/bin/bash
# Where somebody is signed in; and how soon the other services know that a session has ended.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack

sql() { psql -qAtX -d "$AUTH_DATABASE_OWNER_URL" -c "$1"; }
session_of() { # ACCESS_TOKEN
	api POST /auth/validate '' "{\"token\":\"$1\"}"
	json .sid
}

new_user ada
new_user eve
phone=$TOKEN_ada phone_session=$(session_of "$TOKEN_ada")
api POST /auth/login '' "{\"email\":\"$EMAIL_ada\",\"password\":\"$PASSWORD_ada\"}" --user-agent "Laptop <1>"
laptop=$(json .access_token) laptop_refresh=$(json .refresh_token) laptop_session=$(session_of "$(json .access_token)")
eve_session=$(session_of "$TOKEN_eve")

story "Ada looks where she is signed in"
api GET /auth/session "$phone"
is_status 200
json_is '[.data[].id] | join(" ")' "$laptop_session $phone_session" "hers, the newest first"
json_is '[.data[].current] | join(" ")' "false true" "which of them asks"
json_is '.data[0].user_agent' "Laptop <1>"
json_like '.data[1].user_agent' '^curl/'
json_is '.data[0].address' 127.0.0.1
json_holds '.data[0] | keys == ["address","created_at","current","id","last_used_at","user_agent"]'
json_holds 'all(.data[]; [.created_at, .last_used_at] | all(test("^[0-9-]+T[0-9:]+\\.[0-9]{3}Z$")))'
json_is .next_cursor null
api POST /auth/refresh '' "{\"refresh_token\":\"$laptop_refresh\"}" --user-agent "Laptop <2>"
api GET /auth/session "$phone"
json_is '.data[0].user_agent' "Laptop <2>" "a refresh is a use"
json_holds '.data[0].last_used_at > .data[0].created_at'

story "Page by page"
api GET '/auth/session?limit=1' "$phone"
json_is '[.data[].id] | join(" ")' "$laptop_session"
next=$(json .next_cursor)
header_like Link "^</auth/session\?limit=1&cursor=$next>; rel=\"next\"$"
api GET "/auth/session?limit=1&cursor=$next" "$phone"
json_is '[.data[].id] | join(" ")' "$phone_session"
json_is .next_cursor null
api GET "/auth/session?limit=101&cursor=x&user_id=$ID_eve" "$phone"
is_problem 422 validation_failed
has_parameter_fault limit out_of_range
has_parameter_fault cursor bad_format
has_parameter_fault user_id unknown_field

story "She ends the one on her laptop"
api DELETE "/auth/session/$laptop_session" "$phone"
is_status 204
body_is_empty
api GET /auth/me "$laptop"
is_problem 401 invalid_token
api GET /auth/session "$phone"
json_is '[.data[].id] | join(" ")' "$phone_session"
api DELETE "/auth/session/$laptop_session" "$phone"
is_problem 404 not_found "twice"
is "$(sql "SELECT detail->'sessions', actor_id FROM audit WHERE user_id = '$ID_ada' AND action = 'session_ended'")" \
	"[\"$laptop_session\"]|$ID_ada" "the audit knows"

story "Nobody ends another's"
for id in "$eve_session" 0190a1b2-0000-7000-8000-000000000001 nonsense; do
	api DELETE "/auth/session/$id" "$phone"
	is_problem 404 not_found "$id"
done
api GET /auth/me "$TOKEN_eve"
is_status 200 "Eve is still signed in"
api GET /auth/session
is_problem 401 missing_token
api GET /auth/session "$laptop"
is_problem 401 invalid_token "nor does an ended session see the others"

story "The session that asks can end itself"
api DELETE "/auth/session/$phone_session" "$phone"
is_status 204
api GET /auth/session "$phone"
is_problem 401 invalid_token

# Each way in which a session ends, against items and notifications, which verify tokens by themselves.
# All end at about the same time, so that they are waited for together.
story "Ended here is ended everywhere"
ways=(signed_out signed_out_everywhere session_ended password_changed password_reset account_deleted)
for way in "${ways[@]}"; do
	new_user "$way"
	token=TOKEN_$way
	for path in /order /notification; do
		api GET "$path" "${!token}"
		[ "$STATUS" = 200 ] || bail_answer "the token of $way is not taken"
	done
done
api POST /auth/password/forgot '' "{\"email\":\"$EMAIL_password_reset\"}"
ok "a link came" eventually 30 mail_to "$EMAIL_password_reset" password_reset
link=$(mail_text | grep -oE '\?token=[A-Za-z0-9_-]+' | head -n 1)
other=$TOKEN_password_changed
login password_changed
api POST /auth/logout '' "{\"refresh_token\":\"$REFRESH_signed_out\"}"
is_status 204 "signed out"
api POST /auth/logout "$TOKEN_signed_out_everywhere" '{"all":true}'
is_status 204 "signed out everywhere"
api DELETE "/auth/session/$(session_of "$TOKEN_session_ended")" "$TOKEN_session_ended"
is_status 204 "a session ended"
api POST /auth/password/change "$TOKEN_password_changed" \
	"{\"current_password\":\"$PASSWORD_password_changed\",\"new_password\":\"another $RUN_ID\"}"
is_status 204 "a password changed"
api POST /auth/password/reset '' "{\"token\":\"${link#*=}\",\"new_password\":\"another $RUN_ID\"}"
is_status 204 "a password reset"
api DELETE /auth/me "$TOKEN_account_deleted" "{\"password\":\"$PASSWORD_account_deleted\"}"
is_status 204 "an account deleted"
refused() { # TOKEN PATH: the way every bad one is refused
	api GET "$2" "$1"
	[ "$STATUS" = 401 ] && [ "$(json .code)" = invalid_token ]
}
for way in "${ways[@]}"; do
	token=TOKEN_$way
	[ "$way" != password_changed ] || token=other
	ok "items refuses the token within 5 s: $way" eventually 5 refused "${!token}" /order
	ok "so does notifications: $way" eventually 5 refused "${!token}" /notification
done
api GET /order "$TOKEN_password_changed"
is_status 200 "it takes that of the session which changed the password"

done_testing
