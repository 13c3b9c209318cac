#!/bin/bash
# An item's picture: put by its seller, shown to all, in parts and from caches.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack
new_user sam
new_user eve
new_item sam
ITEM=$(json .id)
IMAGE=/item/$ITEM/image

# picture FILE BYTES: a PNG's header of 640 by 480, and what fills it up.
picture() {
	{
		printf '\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x02\x80\x00\x00\x01\xe0\x08\x02\x00\x00\x00abcd'
		head -c "$(($2 - 33))" /dev/urandom
	} >"$1"
}
put() { # TOKEN FILE TYPE [CURL OPTION...]
	local token=$1 file=$2 type=$3
	shift 3
	api PUT "$IMAGE" "$token" "@$file" -H "Content-Type: $type" "$@"
}
is_part() { # FILE FIRST COUNT
	ok "its bytes are $2 and $3 more" cmp -s "$BODY_FILE" <(tail -c "+$(($2 + 1))" "$1" | head -c "$3")
}
picture "$STORY_DIR/one" 700000
picture "$STORY_DIR/two" 33

story "Putting"
api GET "$IMAGE"
is_problem 404 not_found "there is none yet"
put "$TOKEN_sam" "$STORY_DIR/one" image/png
is_status 204
api GET "/item/$ITEM"
json_is .version 2
json_like .image_url "^$IMAGE\\?v=[0-9a-f]{16}$"
url=$(json .image_url)

story "Getting"
hash=$(sha256sum "$STORY_DIR/one" | cut -d' ' -f1)
api GET "$url"
is_status 200
ok "the same bytes" cmp -s "$BODY_FILE" "$STORY_DIR/one"
header_is Content-Type image/png
header_is Content-Length 700000
header_is ETag "\"$hash\""
header_is Accept-Ranges bytes
header_is Cache-Control 'public, max-age=31536000, immutable' "an address that names the content"
api HEAD "$IMAGE"
is_status 200
header_is Content-Length 700000
header_is Cache-Control 'public, max-age=60' "and one that does not"
api GET "$IMAGE" '' '' -H "If-None-Match: \"$hash\""
is_status 304
body_is_empty
api GET "$IMAGE?w=7"
has_parameter_fault w unknown_field

story "Ranges"
api GET "$IMAGE" '' '' -H 'Range: bytes=261000-522400'
is_status 206 "over three chunks"
header_is Content-Range 'bytes 261000-522400/700000'
is_part "$STORY_DIR/one" 261000 261401
api GET "$IMAGE" '' '' -H 'Range: bytes=-7'
header_is Content-Range 'bytes 699993-699999/700000'
is_part "$STORY_DIR/one" 699993 7
api GET "$IMAGE" '' '' -H 'Range: bytes=700000-'
is_problem 416 range_not_satisfiable
header_is Content-Range 'bytes */700000'
api GET "$IMAGE" '' '' -H 'Range: bytes=0-9' -H "If-Range: \"$hash\""
is_status 206
api GET "$IMAGE" '' '' -H 'Range: bytes=0-9' -H 'If-Range: "other"'
is_status 200 "of another image: the whole"
api GET "$IMAGE" '' '' -H 'Range: bytes=0-1,5-6'
ok "several ranges: the whole, or one that has them all: $STATUS" [ "$STATUS" = 200 -o "$STATUS" = 206 ]

story "Replacing"
put "$TOKEN_sam" "$STORY_DIR/two" image/png -H 'If-Match: "1"'
is_problem 412 precondition_failed
put "$TOKEN_sam" "$STORY_DIR/two" image/png -H 'If-Match: "2"'
is_status 204
api GET "$IMAGE"
ok "the new bytes" cmp -s "$BODY_FILE" "$STORY_DIR/two"
api GET "/item/$ITEM"
ok "another address" [ "$(json .image_url)" != "$url" ]
api PATCH "/item/$ITEM" "$TOKEN_sam" '{"description":"x"}'
json_like .image_url . "stays when the item changes"

story "Refusals"
put "$TOKEN_sam" "$STORY_DIR/two" image/jpeg
is_problem 415 unsupported_media_type "the bytes are of another type"
printf '<svg xmlns="http://www.w3.org/2000/svg"/>' >"$STORY_DIR/svg"
put "$TOKEN_sam" "$STORY_DIR/svg" image/png
is_problem 415 unsupported_media_type "no image"
put "$TOKEN_sam" "$STORY_DIR/svg" image/svg+xml
is_problem 415 unsupported_media_type
head -c 30 "$STORY_DIR/two" >"$STORY_DIR/cut"
put "$TOKEN_sam" "$STORY_DIR/cut" image/png
is_problem 422 validation_failed "a header cut off"
put "$TOKEN_eve" "$STORY_DIR/one" image/png
is_problem 403 forbidden
put '' "$STORY_DIR/one" image/png
is_problem 401 missing_token
picture "$STORY_DIR/large" 5242880
put "$TOKEN_sam" "$STORY_DIR/large" image/png
is_status 204 "5 MiB are taken"
api GET "$IMAGE"
ok "and come back" cmp -s "$BODY_FILE" "$STORY_DIR/large"
printf 'x' >>"$STORY_DIR/large"
put "$TOKEN_sam" "$STORY_DIR/large" image/png
is_status 413 "a byte more is not"

story "Leaving with its item"
api DELETE "/item/$ITEM" "$TOKEN_sam"
api GET "$IMAGE"
is_problem 404 not_found
put "$TOKEN_sam" "$STORY_DIR/two" image/png
is_problem 404 not_found

done_testing
