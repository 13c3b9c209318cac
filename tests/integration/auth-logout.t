#!/bin/bash
# Signing out: here, or everywhere; and how the other services learn of it.
. "$(dirname "$0")/lib.sh"
use_stack

session_of() { # ACCESS_TOKEN
	api POST /auth/validate '' "{\"token\":\"$1\"}"
	json .sid
}
is_alive() { # TOKEN WHAT
	api POST /auth/validate '' "{\"token\":\"$1\"}"
	json_is .active true "$2"
}
is_dead() {
	api POST /auth/validate '' "{\"token\":\"$1\"}"
	json_is . '{"active":false}' "$2"
}

new_user ada
phone=$TOKEN_ada phone_refresh=$REFRESH_ada phone_session=$(session_of "$TOKEN_ada")
login ada
laptop=$TOKEN_ada laptop_refresh=$REFRESH_ada laptop_session=$(session_of "$TOKEN_ada")
api GET "$AUTH_URL/auth/revoked"
before=$(json .now)

story "Ada signs out on her phone"
api POST /auth/logout '' "{\"refresh_token\":\"$phone_refresh\"}"
is_status 204
body_is_empty
is_dead "$phone" "its token is known to be dead at once"
api GET /auth/me "$phone"
is_problem 401 invalid_token
api GET /auth/validate "$phone"
is_problem 401 invalid_token
api POST /auth/refresh '' "{\"refresh_token\":\"$phone_refresh\"}"
is_problem 401 invalid_token
is_alive "$laptop" "her laptop stays"

story "Twice is as good as once"
api POST /auth/logout '' "{\"refresh_token\":\"$phone_refresh\"}"
is_status 204
api POST /auth/logout '' '{"refresh_token":"something else"}'
is_status 204 "and what is no token ends nothing"

story "An expired access token does not keep her in"
login ada
api POST /auth/logout some.expired.token "{\"refresh_token\":\"$REFRESH_ada\"}"
is_status 204
is_dead "$TOKEN_ada" "it has ended"

story "The other services poll the list of ended sessions"
api GET "$AUTH_URL/auth/revoked"
is_status 200
json_holds "any(.sessions[]; .sid == \"$phone_session\")" "her phone's is in it"
json_holds "all(.sessions[]; .sid != \"$laptop_session\")" "her laptop's is not"
json_like .now '^[0-9-]+T[0-9:]+\.[0-9]{3}Z$'
json_holds 'all(.sessions[]; (.at | test("^[0-9-]+T[0-9:]+\\.[0-9]{3}Z$")))'
header_like ETag '^"[!#-~]+"$'
api GET "$AUTH_URL/auth/revoked?since=$before"
json_holds "any(.sessions[]; .sid == \"$phone_session\")" "since the time before she signed out"
api GET "$AUTH_URL/auth/revoked?since=2999-01-01"
json_is .sessions '[]' "since some day to come"
api GET "$AUTH_URL/auth/revoked?since=yesterday"
is_problem 422 validation_failed
has_parameter_fault since bad_format
api GET "$AUTH_URL/auth/revoked?until=2999-01-01"
is_problem 422 validation_failed
has_parameter_fault until unknown_field
unchanged() {
	api GET "$AUTH_URL/auth/revoked?since=2999-01-01"
	api GET "$AUTH_URL/auth/revoked?since=2999-01-01" '' '' --header "If-None-Match: $(header ETag)"
	[ "$STATUS" = 304 ]
}
ok "no news is a 304" eventually 5 unchanged
api GET /auth/revoked
is_problem 404 not_found "the list is not for the world"

story "She signs out everywhere"
login ada
api POST /auth/logout "$laptop" '{"all":true}'
is_status 204
is_dead "$laptop" "on her laptop"
is_dead "$TOKEN_ada" "and on the third device"
api POST /auth/refresh '' "{\"refresh_token\":\"$laptop_refresh\"}"
is_problem 401 invalid_token
api POST /auth/logout "$laptop" '{"all":true}'
is_problem 401 invalid_token "an ended session can't do it again"
login ada
is_alive "$TOKEN_ada" "she can sign in again"

story "Nobody signs others out"
new_user bob
api POST /auth/logout "$TOKEN_bob" '{"all":true}'
is_status 204
is_alive "$TOKEN_ada" "Ada stays"

story "What is no sign-out"
api POST /auth/logout '' '{"all":true}'
is_problem 401 missing_token
api POST /auth/logout not.a.token '{"all":true}'
is_problem 401 invalid_token
api POST /auth/logout '' '{}'
is_problem 422 validation_failed
has_field_fault /refresh_token required
api POST /auth/logout "$TOKEN_ada" '{"all":false}'
is_problem 422 validation_failed
has_field_fault /all not_allowed
api POST /auth/logout "$TOKEN_ada" "{\"all\":true,\"refresh_token\":\"$REFRESH_ada\"}"
is_problem 422 validation_failed
has_field_fault /refresh_token not_allowed
api POST /auth/logout '' '{"refresh_token":["x"],"al":true}'
is_problem 422 validation_failed
has_field_fault /refresh_token wrong_type
has_field_fault /al unknown_field
is_alive "$TOKEN_ada" "nobody was signed out by any of these"

done_testing
