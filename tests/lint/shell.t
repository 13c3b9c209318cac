#!/bin/bash
# The scripts are valid, and what shellcheck makes of them.
. "$(dirname "$0")/tap.sh"

scripts=$(files | while IFS= read -r file; do
	case $file in
	*.sh) echo "$file" ;;
	*.[ch] | *.md | *.sql | *.html) ;;
	*) ! head -n 1 "$file" | grep -aqE '^#!.*[/ ](ba)?sh( |$)' || echo "$file" ;;
	esac
done)

for file in $scripts; do
	bash -n "$file" 2>&1 || true
done | rule "every script is valid shell"

# What others read in begins without "#!"; the first session is for a person to paste.
for file in $scripts; do
	[ "$(head -c 2 "$file")" != '#!' ] || [ -x "$file" ] || echo "$file"
done | grep -vx dev/first-session.sh | rule "every script can be executed"

if command -v shellcheck >/dev/null; then
	# The first session is written for a person to paste: unquoted, to be read.  The stories' library
	# sets and reads its callers' variables, which shellcheck can't see.
	printf '%s\n' "$scripts" | grep -vx dev/first-session.sh |
		xargs shellcheck -x -f gcc -S warning -e SC2034,SC2154 2>&1 | rule "shellcheck finds nothing"
else
	skip_rule "shellcheck finds nothing" "shellcheck is not installed"
fi

done_rules
