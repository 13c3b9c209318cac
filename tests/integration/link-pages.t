#!/bin/bash
# The pages that mails link to: what the gateway serves, and what they do in a browser.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/mail.sh
. "$(dirname "$0")/mail.sh"
# shellcheck source=tests/integration/browser.sh
. "$(dirname "$0")/browser.sh"
use_stack

policy="default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
policy+="form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

story "What the gateway serves"
while read -r path type; do
	api GET "$path"
	is_status 200 "$path is there"
	header_is Content-Type "$type; charset=utf-8" "$path: its type"
	header_is Content-Security-Policy "$policy" "$path: its policy"
	header_is Referrer-Policy no-referrer "$path: no referrer"
	header_is Cache-Control no-store "$path: not kept"
	header_is X-Content-Type-Options nosniff "$path: nosniff"
	header_is X-Frame-Options DENY "$path: no frames"
	is "$(grep -E 'https?:|//[a-z]|<style|<script>|style=| on[a-z]+=|eval\(' "$BODY_FILE")" "" \
		"$path: nothing from elsewhere, nothing inline"
done <<'PATHS'
/verify-email?token=x text/html
/reset-password?token=x text/html
/link-pages/page.css text/css
/link-pages/page.js text/javascript
/link-pages/verify-email.js text/javascript
/link-pages/reset-password.js text/javascript
PATHS
api HEAD /verify-email
is_status 200 "HEAD too"
header_is Cache-Control no-store
api GET "$AUTH_URL/verify-email?token=x"
is_status 200 "at auth's own port too, where a cluster's gateway leads"
header_is Content-Security-Policy "$policy"

story "What it does not"
for path in /verify-emails /reset-password/x /link-pages/ /link-pages/x.js; do
	api GET "$path"
	is_problem 404 not_found "$path"
	header_like Content-Security-Policy "style-src 'unsafe-inline'" "$path: the policy of refusals"
done
api GET "$ITEMS_URL/verify-email?token=x"
is_problem 404 not_found "at items' own port"

if ! start_browser; then
	skip "the pages in a browser" "$BROWSER_MISSING"
	done_testing
fi

# The page that a link led to: its address, its history and what it loaded hold no token.
keeps_secret() {
	is "$(run_script 'return location.href')" "$GATEWAY_URL$1" "the address bar is clean"
	is "$(run_script 'return performance.getEntriesByType("resource").filter(
		(e) => e.name.includes("token") || !e.name.startsWith(location.origin)).length')" 0 \
		"what it loads is ours, and is not told the token"
	browser POST /se/log '{"type":"browser"}'
	is "$(browser_value ' | map(select(.level == "SEVERE" and .source != "network").message)')" '[]' \
		"the browser complains of nothing"
}
link() { # PAGE: of MAIL, as the mail says it
	grep -oE "$GATEWAY_URL/$1\?token=[A-Za-z0-9_-]+" "$STORY_DIR/plain"
}
is_verified() { # USER true|false
	local token=TOKEN_$1
	api GET /auth/me "${!token}"
	json_is .email_verified "$2"
}

story "Vera confirms her address"
new_user vera
arrives vera welcome
speak en-GB,en
open_page "$(link verify-email)"
shows h1 "Confirm your email address"
picture verify-ask
is_verified vera false "opening the link confirms nothing"
keeps_secret /verify-email
go_offline true
ok "she clicks, without a network" click button
shows .notes "The shop can’t be reached."
picture verify-unreachable
go_offline false
ok "she clicks again" click button
shows "#done" "Your email address is confirmed"
is "$(run_script 'return document.title')" "Your email address is confirmed" "the title says it"
is "$(text_of .notes)" "" "the complaint is gone"
picture verify-done
is_verified vera true

story "Once more, in German"
speak fr,de-AT,en
open_page "$(link verify-email)"
shows h1 "E-Mail-Adresse bestätigen"
is "$(run_script 'return document.documentElement.lang')" de "the page says so"
ok "she clicks" click button
shows "#expired" "Dieser Link gilt nicht mehr"
picture verify-expired-de
browser POST /refresh '{}'
shows "#incomplete" "Bitte öffnen Sie den Link noch einmal"
picture verify-incomplete-de

story "Vera forgets her password"
open_page "$GATEWAY_URL/reset-password"
shows "#forgot h1" "Passwort zurücksetzen"
picture forgot-de
ok "she sends nothing" click "#forgot button"
shows "#email-fault" "Das ist keine E-Mail-Adresse"
ok "she types her address" type_into "#email" "$EMAIL_vera"
is "$(text_of "#email-fault")" "" "typing takes the fault away"
ok "she sends it" click "#forgot button"
shows "#sent" "Bitte sehen Sie nach Ihren E-Mails"
picture sent-de
arrives vera password_reset
open_page "$(link reset-password)"
shows h1 "Neues Passwort wählen"
picture reset-ask-de
keeps_secret /reset-password
ok "she sends nothing" click button
shows "#password-fault" "Dieses Passwort ist zu kurz"
ok "a common one" type_into "#password" sunshine1
is "$(text_of "#password-fault")" "" "typing takes the fault away"
ok "is sent" click button
shows "#password-fault" "Dieses Passwort ist zu leicht zu erraten"
is "$(run_script 'const e = document.activeElement; return [e.id, e.ariaInvalid]')" '["password","true"]' \
	"the field is marked, and is where she types on"
picture reset-common-de
speak ja
open_page "$(link reset-password)"
shows h1 "Choose a new password"
picture reset-ask
PASSWORD_vera="drei Wörter ß $RUN_ID"
ok "she types another" type_into "#password" "$PASSWORD_vera"
is "$(run_script 'return document.querySelector("#password").type')" password "which nobody sees"
ok "and looks at it" click "#visible"
is "$(run_script 'return document.querySelector("#password").type')" text "as she asked"
ok "she sends it" click button
shows "#done" "Your password is changed"
picture reset-done
login vera
pass "she signs in with it"
open_page "$(link reset-password)"
ok "the link once more" type_into "#password" "yet another secret"
ok "is sent" click button
shows "#expired" "This link is no longer good"
picture reset-expired
ok "another can be had" click "#again"
shows "#forgot h1" "Reset your password"
login vera
pass "and changes nothing"

done_testing
