#!/bin/bash
# The gateway: what is reachable, what is not, and that every refusal is a problem.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack

story "Unknown paths"
for path in /nope /authx /items /itemized /buyer /orders /auth/nope /auth/login/ /item/a/b/c /AUTH/login \
	/favicon.ico /problems/nope /errors/404.html /response.lua; do
	api GET "$path"
	is_problem 404 not_found "$path"
done

story "Known paths, other methods"
api DELETE /auth/login
is_problem 405 method_not_allowed "DELETE /auth/login"
header_like Allow '(^|, )POST(,|$)'
api DELETE /item
is_problem 405 method_not_allowed "DELETE /item"
header_like Allow 'GET' "Allow names GET"
header_like Allow 'POST' "Allow names POST"
header_like Allow 'HEAD' "Allow names HEAD"
api POST /auth/.well-known/jwks.json '' '{}'
is_problem 405 method_not_allowed "POST to the keys"
header_like Allow 'GET'

story "What only the services' own ports serve"
for path in /metrics /healthz /readyz /auth/revoked /auth/revoked/ '/auth/revoked?since=2025-01-01' \
	/auth/%72evoked /@auth /@auth/metrics /@items /%40auth/metrics '/@auth?x'; do
	api GET "$path"
	is_problem 404 not_found "$path through the gateway"
done
for url in "$AUTH_URL" "$ITEMS_URL" "$NOTIFICATIONS_URL" "$NOTIFIER_URL"; do
	api GET "$url/healthz"
	is_status 200 "$url/healthz"
	ok "$url/readyz is ready" eventually 30 is_ready "$url"
	api GET "$url/metrics"
	is_status 200 "$url/metrics"
	header_like Content-Type '^text/plain'
	api POST "$url/metrics"
	is_problem 405 method_not_allowed "$url, POST"
	header_like Allow '^GET, HEAD'
	api GET "$url/metric"
	is_problem 404 not_found "$url/metric"
done
api GET "$AUTH_URL/auth/revoked"
is_status 200 "the list of ended sessions"
api GET "$AUTH_URL/item"
is_problem 404 not_found "items at auth's port"
api GET "$ITEMS_URL/auth/.well-known/jwks.json"
is_problem 404 not_found "auth at items' port"

story "POST without a body, as curl sends it: without a length"
new_user seller
new_item seller
# shellcheck disable=SC2154  # new_user sets it
api POST "/buy/$ITEM" "$TOKEN_seller"
is_status 201 "one is bought"
json_is .lines[0].quantity 1
api POST "/buy/$ITEM" '' '' -H "Authorization: Bearer $TOKEN_seller" -H 'Content-Length: 0'
is_status 201 "and with a length of none"
api POST "/buy/$ITEM"
is_problem 401 missing_token "without a token"
api POST /item "$TOKEN_seller"
is_problem 400 malformed_request "where a body must be"
api POST /auth/.well-known/jwks.json
is_problem 405 method_not_allowed "where there is no POST"
for path in /nope /@error /@items /auth/revoked; do
	api POST "$path"
	is_problem 404 not_found "POST $path"
done
api POST '/buy/%ff' "$TOKEN_seller"
is_problem 400 malformed_request "to a bad path"
api POST "/buy/$ITEM" "$TOKEN_seller" '{"quantity":2}' -H 'Transfer-Encoding: chunked'
is_status 201 "a body in chunks is one"
json_is .lines[0].quantity 2
api POST "$AUTH_URL/auth/logout"
is_problem 400 malformed_request "on auth's own port"
api POST "$ITEMS_URL/buy/$ITEM"
is_problem 401 missing_token "on items' own port"

story "Security headers"
secured() { # WHERE
	header_is X-Content-Type-Options nosniff "$1: nosniff"
	header_is X-Frame-Options DENY "$1: no frames"
	header_like Content-Security-Policy "default-src 'none'" "$1: a content policy"
	header_like Content-Security-Policy "frame-ancestors 'none'" "$1: no frames, again"
	header_is Referrer-Policy no-referrer "$1: no referrer"
	header_absent Server "$1: says nothing of the server"
	header_absent Strict-Transport-Security "$1: no HSTS over http"
}
api GET /auth/.well-known/jwks.json
is_status 200
secured "an answer"
api GET /item/nope
is_status 404
secured "a program's refusal"
header_is Cache-Control no-store
api GET /nope
secured "lighttpd's refusal"
header_is Cache-Control no-store
api GET /auth/me
is_problem 401 missing_token "an answer about a person"
header_is Cache-Control no-store
header_like WWW-Authenticate '^Bearer'

story "Request ids"
api GET /item '' '' -H "X-Request-Id: tale-$RUN_ID"
header_is X-Request-Id "tale-$RUN_ID"
api GET /auth/nope '' '' -H "X-Request-Id: tale-$RUN_ID"
header_is X-Request-Id "tale-$RUN_ID" "echoed with a refusal"
json_is .request_id "tale-$RUN_ID" "and in it"
for id in 'a b' '<script>' "$(printf 'x%.0s' {1..129})"; do
	api GET /item '' '' -H "X-Request-Id: $id"
	header_like X-Request-Id '^[A-Za-z0-9._~-]{1,128}$' "replaced: ${id:0:20}"
	ok "not echoed: ${id:0:20}" [ "$(header X-Request-Id)" != "$id" ]
done
api GET /item
first=$(header X-Request-Id)
ok "made without one" [ -n "$first" ]
api GET /item
ok "made anew each time" [ "$(header X-Request-Id)" != "$first" ]

story "HEAD"
api GET /auth/.well-known/jwks.json
length=${#BODY} type=$(header Content-Type)
api HEAD /auth/.well-known/jwks.json
is_status 200
header_is Content-Type "$type"
header_is Content-Length "$length"
api HEAD /item
is_status 200
api HEAD /auth/me
is_status 401
api HEAD /auth/login
is_status 405

story "OPTIONS, and no origin is allowed"
api OPTIONS /item
is_status 204
header_like Allow 'POST'
body_is_empty
api OPTIONS /nope
is_problem 404 not_found
api OPTIONS /item '' '' -H 'Origin: https://elsewhere.example' -H 'Access-Control-Request-Method: POST'
header_absent Access-Control-Allow-Origin
api GET /item '' '' -H 'Origin: https://elsewhere.example'
is_status 200 "a request from elsewhere is answered"
header_absent Access-Control-Allow-Origin "and no browser may show it"

story "Bodies that are too large"
head -c 2097152 /dev/zero | tr '\0' ' ' >"$STORY_DIR/large"
api POST /auth/login '' "@$STORY_DIR/large"
is_problem 413 body_too_large "2 MiB"
api POST /auth/login '' "@$STORY_DIR/large" -H 'Transfer-Encoding: chunked'
is_problem 413 body_too_large "2 MiB in chunks"
api POST /item '' "@$STORY_DIR/large"
is_problem 413 body_too_large "2 MiB to another service"
head -c 1048577 "$STORY_DIR/large" >"$STORY_DIR/above"
api POST /auth/login '' "@$STORY_DIR/above"
is_problem 413 body_too_large "1 MiB and a byte"
head -c 1048576 "$STORY_DIR/large" >"$STORY_DIR/limit"
api POST /auth/login '' "@$STORY_DIR/limit"
is_problem 400 malformed_request "1 MiB exactly, of spaces"

story "Headers and addresses that are too large"
big=$(printf 'x%.0s' {1..5000})
for n in {1..20}; do
	printf 'X-Big-%d: %s\n' "$n" "$big"
done >"$STORY_DIR/headers-large"
api GET /item '' '' -H "@$STORY_DIR/headers-large"
is_problem 431 headers_too_large "100 KiB of headers"
api GET /item '' '' -H "X-One: $(printf 'x%.0s' {1..60000})"
is_problem 431 headers_too_large "one header of 60,000 bytes"

story "Paths that try something"
for path in /../etc/passwd /problems/../../../../etc/passwd /item/../auth/me /item/..%2fauth/me \
	/item/%2e%2e/auth/me /%2e%2e/%2e%2e/etc/passwd /item/%00 /item/%ff /item/%zz /item/% \
	/item/a%2fb //metrics '/item/..\..\x' //auth/me///x '/item/%0d%0aX-Injected:%20yes' /problems/..%2f..%2fcommon.conf \
	/problems/%2e%2e/%2e%2e/common.conf '/item/a;b' "/item/'\$where'" /~root /.git/config; do
	api GET "$path"
	case $STATUS in
	400) is_code malformed_request "$path" ;;
	*) is_problem 404 not_found "$path" ;;
	esac
	ok "$path tells nothing" [ -z "$(grep -E 'root:|server\.|X-Injected' "$BODY_FILE" "$STORY_DIR/headers")" ]
done

story "What is no HTTP"
raw() { # BYTES as printf's format
	# shellcheck disable=SC2059
	printf "$1" | curl -sS --noproxy '*' --max-time 20 --no-progress-meter \
		"telnet://${GATEWAY_URL#http://}" 2>/dev/null | tr -d '\r' >"$STORY_DIR/raw"
	STATUS=$(sed -n '1s/^HTTP\/1\.[01] \([0-9]*\).*/\1/p' "$STORY_DIR/raw")
	HEADERS=$(sed '/^$/,$d' "$STORY_DIR/raw")
	sed '1,/^$/d' "$STORY_DIR/raw" >"$BODY_FILE"
	REQUEST=$1
}
raw 'GARBAGE\r\n\r\n'
is_problem 400 malformed_request "not a request line"
raw 'GET /item HTTP/1.1\r\n\r\n'
is_problem 400 malformed_request "no Host"
raw 'GET /item HTTP/1.1\r\nHost: a b\r\n\r\n'
is_problem 400 malformed_request "a bad Host"
raw 'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'
is_problem 400 malformed_request "two lengths"
raw 'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'
is_problem 400 malformed_request "a negative length"

story "Problems' pages"
missing=
while IFS=$'\t' read -r code _; do
	api GET "/problems/$code"
	[[ $STATUS = 200 && $(header Content-Type) = text/html* && -s $BODY_FILE ]] || missing+="$code "
done <"$SHOP_ROOT/lighttpd/problems.txt"
is "$missing" "" "every page is there"
api GET /problems/not_found
header_is X-Content-Type-Options nosniff
header_like Cache-Control 'max-age'

done_testing
