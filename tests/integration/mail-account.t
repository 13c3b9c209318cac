#!/bin/bash
# What people are told about their account, in their language; and what is forgotten with it.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/mail.sh
. "$(dirname "$0")/mail.sh"
# shellcheck source=tests/integration/sql.sh
. "$(dirname "$0")/sql.sh"
use_stack

auth_sql() { psql -qAtX -d "$AUTH_DATABASE_OWNER_URL" -c "$1"; }

story "Otto registers from Austria"
new_user otto '{"name":"Otto Öttl","locale":"de-AT"}'
arrives otto welcome
is_well_formed otto welcome
is "$(subject)" "Willkommen, Otto Öttl! Bitte bestätigen Sie Ihre E-Mail-Adresse" "he is greeted in German"
has plain "Willkommen, Otto Öttl!"
has html '<html lang="de"'
has html "href=\"$GATEWAY_URL/verify-email?token=$(token)\""
api POST /auth/email/verify '' "{\"token\":\"$(token)\"}"
is_status 204 "its link confirms the address"
api GET /auth/me "$TOKEN_otto"
json_is .email_verified true

story "Ben wants his link once more"
new_user ben
arrives ben welcome
api POST /auth/email/resend "$TOKEN_ben"
is_status 202
arrives ben email_verification
is_well_formed ben email_verification
is "$(subject)" "Please confirm your email address" "in English, as he named no language"
has html '<html lang="en"'
api POST /auth/email/verify '' "{\"token\":\"$(token)\"}"
is_status 204 "its link confirms the address"

story "Otto forgets his password"
api POST /auth/password/forgot '' "{\"email\":\"$EMAIL_otto\"}"
is_status 202
arrives otto password_reset
is_well_formed otto password_reset
is "$(subject)" "Passwort zurücksetzen" "in German"
has html "href=\"$GATEWAY_URL/reset-password?token=$(token)\""
# shellcheck disable=SC2034  # read by name
PASSWORD_otto="noch ein Geheimnis $RUN_ID"
api POST /auth/password/reset '' "{\"token\":\"$(token)\",\"new_password\":\"$PASSWORD_otto\"}"
is_status 204 "its link sets another"
arrives otto password_changed
is_well_formed otto password_changed
is "$(subject)" "Ihr Passwort wurde geändert" "he is told"
ok "when, in German" grep -qE "Zeitpunkt: +[0-9]+\. [[:alpha:]äöü]+ 20[0-9]{2}, [0-9]{2}:[0-9]{2} Uhr \(UTC\)" "$STORY_DIR/plain"
has plain "IP-Adresse: 127.0.0.1"
has plain "Programm:   curl/"

story "He moves to Dublin"
login otto
api PATCH /auth/me "$TOKEN_otto" '{"name":"Otto Ottl","locale":"en-IE"}'
is_status 200
first=$REFRESH_otto
api POST /auth/refresh '' "{\"refresh_token\":\"$first\"}"
is_status 200

story "A used sign-in token comes back"
auth_sql "UPDATE refresh_rotations SET at = at - interval '11 seconds'
	WHERE session_id IN (SELECT id FROM sessions WHERE user_id = '$ID_otto')"
api POST /auth/refresh '' "{\"refresh_token\":\"$first\"}"
is_problem 401 refresh_reused
arrives otto suspicious_sign_in
is_well_formed otto suspicious_sign_in
is "$(subject)" "Unusual activity in your account" "he reads English now"
has plain "Hello Otto Ottl,"
has plain "was used a second time"
has plain "IP address: 127.0.0.1"

story "A link that expired while nobody could send it"
# As auth would have told it 31 minutes ago.
event=$(auth_sql "SELECT gen_random_uuid()")
event=${event:0:14}7${event:15}
auth_sql "INSERT INTO outbox (id, type, body) VALUES ('$event', 'user.password_reset_requested', '$(
	jq -nc --arg id "$event" --arg user "$ID_otto" --arg email "$EMAIL_otto" '
		{specversion: "1.0", $id, source: "/auth", type: "user.password_reset_requested", subject: $user,
		time: (now - 1860 | todate), datacontenttype: "application/json", data: {reset_token: "stale",
		user: {id: $user, $email, name: "Otto of old", locale: "de"}}}')')"
login otto
is_given_up() {
	api GET /notification "$TOKEN_otto"
	json_match ".data[] | select(.event_id == \"$event\").status" failed
}
json_match() { [ "$(json "$1")" = "$2" ]; }
ok "it is given up" eventually 10 is_given_up
json_is ".data[] | select(.event_id == \"$event\").attempts[].result" refused
is "$(sql "SELECT a.detail FROM attempts a JOIN jobs ON jobs.id = job_id WHERE event_id = '$event'")" \
	"its link has expired" "with the reason"
ok "and not sent" mail_to "$EMAIL_otto" password_reset 1
is "$(sql "SELECT name FROM contacts WHERE user_id = '$ID_otto'")" "Otto Ottl" \
	"what an old event says of a person changes nothing"
json_is '[.data[] | select(.status == "sent").template] | sort | join(" ")' \
	"password_changed password_reset suspicious_sign_in welcome" "he sees all that was sent to him"

story "Otto deletes his account"
api DELETE /auth/me "$TOKEN_otto" "{\"password\":\"$PASSWORD_otto\"}"
is_status 204
contact() { sql "SELECT deleted, email, name, locale FROM contacts WHERE user_id = '$ID_otto'"; }
is_forgotten() { [ "$(contact)" = "t|||" ]; }
ok "name and address are gone" eventually 10 is_forgotten
is "$(sql "SELECT count(*) FROM jobs WHERE recipient = '$ID_otto' AND (data IS NOT NULL OR state = 'queued')")" \
	0 "and nothing waits to be sent"

done_testing
