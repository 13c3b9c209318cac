#!/bin/bash
# Every problem code has the page its type leads to, and lighttpd's own errors say what the table says.
. "$(dirname "$0")/tap.sh"

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

{ dev/problem-pages "$made" 2>&1 || true; } | rule "dev/problem-pages has a text for every code"
for folder in www/problems errors; do
	diff -rq "$made/$folder" "lighttpd/$folder" 2>&1 || true
done | sed "s#$made#made anew#g" | rule "lighttpd/ holds what dev/problem-pages makes (run it, and commit)"
for file in lighttpd/errors/*.html; do
	jq -e --arg status "$(basename "$file" .html)" \
		'(.status | tostring) == $status and .type == "/problems/" + .code and (.title | length) > 0 and (.detail | length) > 0' \
		"$file" >/dev/null || echo "$file"
done | rule "each of lighttpd's errors is a whole problem"

done_rules
