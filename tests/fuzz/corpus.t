#!/bin/bash
# Every fuzz target over its corpus: small examples, and whatever once broke it.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-$here/../../build/release}
count=0
failures=0

for source in "$here"/fuzz_*.c; do
	target=$(basename "$source" .c)
	target=${target#fuzz_}
	count=$((count + 1))
	files=("$here/corpus/$target"/*)
	if [ -e "${files[0]}" ] && said=$("$build/tests/fuzz/$target" "${files[@]}" 2>&1); then
		echo "ok $count - $target: ${#files[@]} inputs"
	else
		failures=$((failures + 1))
		echo "not ok $count - $target: ${#files[@]} inputs"
		tail -n 40 <<<"${said-no corpus}" | sed 's/^/#   /'
	fi
done
echo "1..$count"
[ "$failures" -eq 0 ]
