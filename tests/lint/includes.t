#!/bin/bash
# Includes point down only: base, then infra, then edge, then stores, wire formats, flows, handlers, and
# main.  What has no such name (item, order, password) is the domain's own, which all of them know.
. "$(dirname "$0")/tap.sh"

# FILE HEADER, a line for each include; a system header in its angle brackets.
includes=$(program_sources | xargs -r awk '
	/^[ \t]*#[ \t]*include/ {
		header = $0
		sub(/^[ \t]*#[ \t]*include[ \t]*/, "", header)
		sub(/[ \t]*(\/\*.*)?$/, "", header)
		gsub(/"/, "", header)
		print FILENAME, header
	}')

# breaches FILE-PATTERN HEADER-PATTERN: the includes in such files of such headers.
breaches() {
	awk -v file="$1" -v header="$2" '$1 ~ file && $2 ~ header { print $1 " includes " $2 }' <<<"$includes"
}
# The same, but for files that match the third pattern.
breaches_but() { breaches "$1" "$2" | { grep -vE "^$3 includes" || true; }; }

fcgi='^<fcgi.*>'
json='^<(cjson/)?cJSON\.h>'
jwt='^<jwt\.h>'
pg='^<(postgresql/)?(libpq|pg_config|postgres).*>'
mongo='^<mongoc.*>'
bson='^<bson.*>'
amqp='^<(rabbitmq-c/.*|amqp.*)>'
curl='^<curl/.*>'
others='^<(openssl/.*|utf8proc\.h|liboath/.*|oath\.h|microhttpd\.h|ut(hash|list|array|string|stack)\.h|crypt\.h)>'

for header in "$fcgi" "$json" "$jwt" "$pg" "$mongo" "$bson" "$amqp" "$curl" "$others"; do
	breaches '^shared/base/' "$header"
done | rule "shared/base includes no third-party header"
breaches '^shared/base/' '^[^<]' | { grep -v ' includes shared/base/' || true; } |
	rule "shared/base includes nothing of the project but itself"
breaches '^shared/edge/' '^[^<]' | { grep -vE ' includes shared/(base|infra|edge)/' || true; } |
	rule "shared/edge includes base, infra and itself"
breaches '^shared/infra/' '^[^<]' | { grep -vE ' includes shared/(base|infra)/' || true; } |
	rule "shared/infra includes base and itself"

for header in "$fcgi" "$json" "$jwt"; do
	breaches_but '.' "$header" 'shared/edge/[^ ]*'
done | rule "FastCGI, cJSON and libjwt are known to shared/edge alone"
for header in "$pg" "$mongo" "$amqp" "$curl"; do
	breaches_but '.' "$header" 'shared/infra/[^ ]*'
done | rule "libpq, libmongoc, rabbitmq-c and libcurl are known to shared/infra alone"
breaches_but '.' "$bson" '(shared/infra/[^ ]*|[^ ]*_(store|bson)[^ /]*|[^ ]*/(embedded|[^ /]*_document)[^ /]*)' |
	rule "BSON is known to shared/infra, to stores and to the documents they keep alone"

breaches '^shared/' '^(fcgi|notifier)/' | rule "shared includes no program's headers"
for program in auth items notifications; do
	breaches "^fcgi/$program/" '^fcgi/' | { grep -v " includes fcgi/$program/" || true; }
done | rule "no FastCGI program includes another's headers"
breaches '^fcgi/(auth|items)/' '^notifier/' | rule "only notifications shares sources with the notifier"
breaches '^notifier/' '^fcgi/' | rule "the notifier includes no FastCGI program's headers"

breaches '_store[^/]*\.[ch]$' '(_flow|_wire|/handlers|_handlers)[^/]*\.h$' |
	rule "stores know no flow, no wire format and no handler"
breaches '_store[^/]*\.[ch]$' '^shared/edge/(request|response|route|problem|json|jwt|fcgi)' |
	rule "stores know nothing of HTTP and JSON"
breaches '_wire[^/]*\.[ch]$' '(_flow|/handlers|_handlers)[^/]*\.h$' |
	rule "wire formats know no flow and no handler"
breaches '_flow[^/]*\.[ch]$' '(/handlers|_handlers)[^/]*\.h$' | rule "flows know no handler"
breaches '_flow[^/]*\.[ch]$' '^shared/edge/(request|response|route|problem|json|fcgi)' |
	rule "flows know nothing of HTTP and JSON"
breaches_but '.' '/(main|handlers[^/]*|[^/]*_handlers)\.h$' '[^ ]*/(main|handlers[^ /]*|[^ /]*_handlers|routes?)\.[ch]' |
	rule "nobody but main, routes and other handlers knows handlers"

done_rules
