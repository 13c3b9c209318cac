#!/bin/bash
# With REQUIRE_VERIFIED_EMAIL only those may buy whose address is verified.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/settings.sh
. "$SHOP_ROOT/tests/integration/settings.sh"
use_stack
trap 'usual_settings; rm -rf "$STORY_DIR"' EXIT
new_user ann
new_user bea
new_item ann '{"stock":5}'
order="{\"lines\":[{\"item_id\":\"$ITEM\",\"quantity\":1}]}"

story "An address that is not verified"
with items REQUIRE_VERIFIED_EMAIL=true
ok "items is ready" eventually 30 is_ready "$ITEMS_URL"
api POST "/buy/$ITEM" "$TOKEN_bea"
is_problem 403 email_not_verified
api POST /order "$TOKEN_bea" "$order"
is_problem 403 email_not_verified
api GET /order "$TOKEN_bea"
is_status 200 "looking is allowed"

story "It is verified"
ok "the welcome mail comes" eventually 30 mail_to "$EMAIL_bea" welcome
link=$(mail_text | grep -o 'verify-email?token=[A-Za-z0-9_.~-]*' | head -n 1)
api POST /auth/email/verify '' "{\"token\":\"${link#*token=}\"}"
is_status 204
login bea
api POST "/buy/$ITEM" "$TOKEN_bea"
is_status 201
api POST /order "$TOKEN_bea" "$order"
is_status 201

done_testing
