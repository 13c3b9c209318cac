#!/bin/bash
# A second factor: begun, confirmed, asked for, lost, removed.
. "$(dirname "$0")/lib.sh"
use_stack

sign_in() { # NAME
	local email=EMAIL_$1 password=PASSWORD_$1
	api POST /auth/login '' "$(jq -n --arg email "${!email}" --arg password "${!password}" '{$email, $password}')"
}
answer() { # MFA_TOKEN CODE
	api POST /auth/mfa/login '' "$(jq -n --arg mfa_token "$1" --arg code "$2" '{$mfa_token, $code}')"
}
sql() { psql -qAtX -d "$AUTH_DATABASE_OWNER_URL" -c "$1"; }

new_user ada

story "Ada begins"
api POST /auth/mfa/totp/confirm "$TOKEN_ada" '{"code":"123456"}'
is_problem 409 conflict "nothing to confirm"
api POST /auth/mfa/totp ''
is_problem 401 missing_token
api POST /auth/mfa/totp "$TOKEN_ada"
is_status 201
json_like .secret '^[A-Z2-7]{32}$'
secret=$(json .secret)
json_like .uri "^otpauth://totp/127\.0\.0\.1:ada-$RUN_ID%40example\.org\?secret=$secret&issuer=127\.0\.0\.1&algorithm=SHA1&digits=6&period=30$"
sign_in ada
is_status 200 "signing in takes a password alone"

story "She confirms"
api POST /auth/mfa/totp/confirm "$TOKEN_ada" '{}'
is_problem 422 validation_failed
has_field_fault /code required
api POST /auth/mfa/totp/confirm "$TOKEN_ada" '{"code":"12345"}'
is_problem 403 wrong_code
api POST /auth/mfa/totp/confirm "$TOKEN_ada" "{\"code\":\"$(totp "$secret" 3)\"}"
is_problem 403 wrong_code "the code of a minute and a half later"
code=$(totp "$secret")
api POST /auth/mfa/totp/confirm "$TOKEN_ada" "{\"code\":\"${code:0:3} ${code:3}\"}"
is_status 200
json_holds '.recovery_codes | length == 10 and all(test("^[a-z2-7]{6}(-[a-z2-7]{6}){3}$"))'
json_holds '.recovery_codes | unique | length == 10' "they differ"
recovery=$(json '.recovery_codes[0]')
api POST /auth/mfa/totp "$TOKEN_ada"
is_problem 409 conflict "there is one already"

story "The database holds neither the secret nor a code"
is "$(psql -qAtX -d "$AUTH_DATABASE_OWNER_URL" -c 'SELECT t, c, m FROM totp t, recovery_codes c, mfa_challenges m' |
	grep -c -e "$secret" -e "$recovery")" 0 "they are sealed and hashed"

story "Signing in takes a code"
sign_in ada
is_problem 401 mfa_required
header_like WWW-Authenticate '^Bearer'
json_like .mfa_token '^[A-Za-z0-9_-]{43}$'
header_absent Set-Cookie "half a sign-in marks no device"
token=$(json .mfa_token)
answer "$token" 000000
is_problem 401 invalid_credentials "a wrong code"
answer "$token" "$code"
is_problem 401 invalid_credentials "the code that was used to confirm"
answer "$token" "$(totp "$secret" 1)"
is_status 200
json_is .user.id "$ID_ada"
json_holds 'keys == ["access_token","expires_in","refresh_expires_in","refresh_token","token_type","user"]'
header_like Set-Cookie '^shop_device='
TOKEN_ada=$(json .access_token)
no_code_served() { # so that the code of now is good: it will be for half a minute at least
	sql "UPDATE totp SET last_step = 0 WHERE user_id = '$ID_ada'"
}
no_code_served
answer "$token" "$(totp "$secret")"
is_problem 401 invalid_credentials "the token served once"

story "Of twenty answers with the same code at once one signs in"
sign_in ada
jq --arg code "$(totp "$secret")" '{mfa_token, $code}' "$BODY_FILE" >"$STORY_DIR/answer"
for n in {1..20}; do
	curl --silent --noproxy '*' --header 'Content-Type: application/json' --output "$STORY_DIR/answer-$n" \
		--data "@$STORY_DIR/answer" "$GATEWAY_URL/auth/mfa/login" &
done
wait
is "$(jq -r 'select(.access_token != null) | .user.id' "$STORY_DIR"/answer-*)" "$ID_ada" "and nobody else"

story "Her telephone is lost: a recovery code serves once"
# The nineteen others counted as failures.
sql "UPDATE login_failures SET locked_until = now()"
sign_in ada
token=$(json .mfa_token)
answer "$token" "${recovery^^}"
is_status 200
sign_in ada
answer "$(json .mfa_token)" "$recovery"
is_problem 401 invalid_credentials

story "Without both factors it stays"
api DELETE /auth/mfa/totp "$TOKEN_ada" '{"password":"guess","code":"000000"}'
is_problem 403 wrong_password
api DELETE /auth/mfa/totp "$TOKEN_ada" "$(jq -n --arg password "$PASSWORD_ada" '{$password, code: "000000"}')"
is_problem 403 wrong_code
no_code_served
api DELETE /auth/mfa/totp "$TOKEN_ada" \
	"$(jq -n --arg password "$PASSWORD_ada" --arg code "$(totp "$secret")" '{$password, $code}')"
is_status 204
sign_in ada
is_status 200 "a password is enough again"
is "$(sql "SELECT string_agg(action, ' ' ORDER BY id) FROM audit WHERE user_id = '$ID_ada'
	AND action ~ 'mfa|recovery'")" "mfa_enabled recovery_code_used mfa_disabled" "the audit knows"

story "Guessing codes uses up the token, and then locks"
new_user bob
api POST /auth/mfa/totp "$TOKEN_bob"
secret=$(json .secret)
api POST /auth/mfa/totp/confirm "$TOKEN_bob" "{\"code\":\"$(totp "$secret")\"}"
sign_in bob
token=$(json .mfa_token)
for _ in 1 2 3 4 5; do
	answer "$token" 000000
done
is_problem 401 invalid_credentials "the fifth"
answer "$token" "$(totp "$secret" 1)"
is_problem 401 invalid_credentials "the right one comes too late"
sign_in bob
is_problem 429 account_locked "and the password, too"

done_testing
