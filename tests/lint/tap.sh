# shellcheck shell=bash
# What the lints share.  A rule is one TAP test; what breaks it is listed below its line.

# No pipefail: a grep that finds nothing is what a rule hopes for.  lastpipe: rule, at the end of a
# pipe, counts in this shell.
set -eu
shopt -s lastpipe
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tap_count=0
tap_failed=0

# rule TEXT: standard input is what breaks the rule, a line each; none, and it holds.
rule() {
	local text=$1 breaches
	breaches=$(cat)
	tap_count=$((tap_count + 1))
	if [ -z "$breaches" ]; then
		printf 'ok %d - %s\n' "$tap_count" "$text"
	else
		tap_failed=$((tap_failed + 1))
		printf 'not ok %d - %s\n' "$tap_count" "$text"
		printf '%s\n' "$breaches" | head -n 50 | sed 's/^/#   /'
	fi
}

skip_rule() { # TEXT WHY
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

done_rules() {
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" = 0 ]
}

# The files of the repository, new ones not yet added among them.
files() {
	git ls-files --cached --others --exclude-standard -- "$@" | while IFS= read -r file; do
		[ ! -f "$file" ] || printf '%s\n' "$file"
	done
}

# The C sources of the programs, and of the tests too.
program_sources() { files 'shared/*.[ch]' 'fcgi/*.[ch]' 'notifier/*.[ch]'; }
all_sources() { files '*.[ch]'; }
