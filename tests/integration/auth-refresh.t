#!/bin/bash
# A session goes on by refresh tokens, each of which serves once.
. "$(dirname "$0")/lib.sh"
use_stack

sql() { psql -qAtX -d "$AUTH_DATABASE_OWNER_URL" -c "$1"; }
refresh() { api POST /auth/refresh '' "{\"refresh_token\":\"$1\"}"; }
# What was done to a session's tokens happened 11 seconds earlier: the grace is over.
let_time_pass() { # SESSION
	sql "UPDATE refresh_rotations SET at = at - interval '11 seconds' WHERE session_id = '$1'"
}
# Or just now: it holds.
just_now() { # SESSION
	sql "UPDATE refresh_rotations SET at = now() WHERE session_id = '$1'"
}
session_of() { # ACCESS_TOKEN
	api POST /auth/validate '' "{\"token\":\"$1\"}"
	json .sid
}

new_user ada
session=$(session_of "$TOKEN_ada")
first=$REFRESH_ada

story "Ada's app refreshes"
refresh "$first"
is_status 200
json_is .token_type Bearer
json_is .expires_in 900
json_is .refresh_expires_in 2592000
json_is .user.id "$ID_ada"
second=$(json .refresh_token)
token=$(json .access_token)
ok "the refresh token is another" test "$second" != "$first"
ok "the access token is another" test "$token" != "$TOKEN_ada"
is "$(session_of "$token")" "$session" "the session is the same"

story "Her second tab had the same thought"
just_now "$session"
refresh "$first"
is_status 200
json_is .refresh_token "$second" "it gets the same successor"

story "Twenty tabs at once"
new_user tabs
for tab in {1..20}; do
	curl --silent --noproxy '*' --header 'Content-Type: application/json' --output "$STORY_DIR/tab-$tab" \
		--data "{\"refresh_token\":\"$REFRESH_tabs\"}" "$GATEWAY_URL/auth/refresh" &
done
wait
is "$(jq -r .refresh_token "$STORY_DIR"/tab-* | sort -u | wc -l)" 1 "all of them get one successor"
is "$(jq -r '.user.id // .code' "$STORY_DIR"/tab-* | sort | uniq -c | tr -s ' ')" " 20 $ID_tabs" "and all get one"

story "Some of it may be lost on the way: the grace holds for each token"
just_now "$session"
refresh "$second"
is_status 200
third=$(json .refresh_token)
just_now "$session"
refresh "$first"
is_status 200
json_is .refresh_token "$second" "the first within its seconds"
just_now "$session"
refresh "$second"
is_status 200
json_is .refresh_token "$third" "the second within its own"

story "Later a used token means that somebody stole one"
let_time_pass "$session"
refresh "$first"
is_problem 401 refresh_reused
header_like WWW-Authenticate '^Bearer'
refresh "$third"
is_problem 401 invalid_token "even the latest token is of no use"
api GET /auth/me "$token"
is_problem 401 invalid_token "nor is the access token, to auth at once"
refresh "$first"
is_problem 401 invalid_token "the session has ended, and that is all"
is "$(sql "SELECT count(*) FROM audit WHERE user_id = '$ID_ada' AND action = 'refresh_reused'")" 1 "one audit row"
ok "she is told by mail" eventually 30 mail_to "$EMAIL_ada" suspicious_sign_in
api GET "$AUTH_URL/auth/revoked"
json_holds "any(.sessions[]; .sid == \"$session\")" "the other services are told"

story "Her other session does not mind"
login ada
other=$REFRESH_ada
refresh "$other"
is_status 200

story "Tokens that are none"
refresh "$(json .refresh_token | tr 'A-Za-z' 'N-ZA-Mn-za-m')"
is_problem 401 invalid_token "garbage"
refresh "$TOKEN_ada"
is_problem 401 invalid_token "an access token, which is longer"
refresh "${other%????}AAAA"
is_problem 401 invalid_token "another's signature"
api POST /auth/refresh '' '{"refresh_token":""}'
is_problem 422 validation_failed
has_field_fault /refresh_token too_short
api POST /auth/refresh '' '{"refresh_token":null}'
is_problem 422 validation_failed
has_field_fault /refresh_token wrong_type
api POST /auth/refresh '' '{}'
is_problem 422 validation_failed
has_field_fault /refresh_token required

story "A forged token ends nobody's session"
login ada
session=$(session_of "$TOKEN_ada")
# The right session and an earlier generation, with a secret and a signature of one's own.
forged=$(perl -MMIME::Base64 -e '
	my ($sid) = @ARGV; $sid =~ tr/-//d;
	print MIME::Base64::encode_base64url(pack("H32 N", $sid, 1) . ("x" x 48))' "$session")
refresh "$REFRESH_ada"
third=$(json .refresh_token)
let_time_pass "$session"
refresh "$forged"
is_problem 401 invalid_token
refresh "$third"
is_status 200 "hers goes on"

story "A session that was not used for thirty days is over"
login ada
session=$(session_of "$TOKEN_ada")
sql "UPDATE sessions SET expires_at = now() WHERE id = '$session'"
refresh "$REFRESH_ada"
is_problem 401 invalid_token

story "An account that was disabled is out"
login ada
sql "UPDATE users SET disabled = true WHERE id = '$ID_ada'"
refresh "$REFRESH_ada"
is_problem 401 invalid_token
api GET /auth/me "$TOKEN_ada"
is_problem 401 invalid_token
api POST /auth/login '' "{\"email\":\"$EMAIL_ada\",\"password\":\"$PASSWORD_ada\"}"
is_problem 401 invalid_credentials

story "The database holds no token"
is "$(sql "SELECT count(*) FROM sessions s, refresh_rotations r
	WHERE s.user_id IS NOT NULL
		AND strpos('$third $other', s.token_hash) + strpos('$third $other', r.token_hash) > 0")" 0 \
	"only hashes"

done_testing
