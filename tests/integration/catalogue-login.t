#!/bin/bash
# With CATALOGUE_REQUIRES_LOGIN only those who are signed in see items, pictures and categories.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/settings.sh
. "$SHOP_ROOT/tests/integration/settings.sh"
use_stack
trap 'usual_settings; rm -rf "$STORY_DIR"' EXIT
new_user sam
new_user bea
new_item sam
base64 -d >"$STORY_DIR/picture" <<<"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
api PUT "/item/$ITEM/image" "$TOKEN_sam" "@$STORY_DIR/picture" -H 'Content-Type: image/png'
is_status 204
api GET "/item/$ITEM"
is_status 200 "until then all see it"
IMAGE=$(json .image_url)

with items CATALOGUE_REQUIRES_LOGIN=true
ok "items is ready" eventually 30 is_ready "$ITEMS_URL"
for path in /item "/item/$ITEM" "/item/$ITEM/image" "$IMAGE" /category; do
	story "$path"
	api GET "$path"
	is_problem 401 missing_token
	header_is WWW-Authenticate 'Bearer realm="shop"'
	header_is Cache-Control no-store "the refusal is kept nowhere"
	api GET "$path" bent
	is_problem 401 invalid_token
	api GET "$path" '' '' -H "If-None-Match: *"
	is_status 401 "nor whether it is there"
	api GET "$path" "$TOKEN_bea"
	is_status 200 "whoever is signed in"
	header_like Cache-Control '^private' "and no cache between"
done

done_testing
