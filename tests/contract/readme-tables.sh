#!/bin/bash
# The parts of README.md that the project's own files say: the settings, by the programs' tables, the
# first session, by dev/first-session.sh, and what a growing shop needs, by dev/growing.
#
#   readme-tables.sh configuration|session|growing    prints one
#   readme-tables.sh --write [ONE]                    puts all, or one, into README.md, between their markers
#
# BUILD is where the programs are.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${BUILD:-$root/build/release}
programs=(auth.fcgi items.fcgi notifications.fcgi notifier)

# Settings that several programs have alike are told once.  "<" would begin a tag, but
# for code in backquotes.
configuration() {
	local work program
	work=$(mktemp -d)
	for program in "${programs[@]}"; do
		"$build/$program" --config-markdown |
			perl -pe 's/(`[^`]*`)|</$1 \/\/ "&lt;"/ge' >"$work/$program"
	done
	awk '/^\| `/ && seen[$0]++ == 1' "${programs[@]/#/$work/}" >"$work/common"
	sed -n 1,2p "$work/notifier" >"$work/head"
	printf '\n### More than one program\n\n'
	cat "$work/head" "$work/common"
	for program in "${programs[@]}"; do
		grep -vxFf "$work/common" "$work/$program" >"$work/own"
		[ "$(wc -l <"$work/own")" -gt 2 ] || continue
		# shellcheck disable=SC2016  # Markdown's backquotes
		printf '\n### `%s`\n\n' "$program"
		cat "$work/own"
	done
	printf '\n'
	rm -rf "$work"
}

session() {
	printf '\n```sh\n'
	sed 1,2d "$root/dev/first-session.sh"
	printf '```\n\n'
}

growing() { "$root/dev/growing" table; }

# Standard input goes between the markers NAME.
put() {
	local name=$1 part
	part=$(mktemp)
	cat >"$part"
	awk -v start="<!-- $name: " -v end="<!-- end of $name -->" -v part="$part" '
		index($0, end) == 1 { inside = 0; found = 1 }
		!inside { print }
		index($0, start) == 1 { inside = 1; while ((getline line < part) > 0) print line }
		END { exit !found }
	' "$root/README.md" >"$part.readme" || {
		echo "readme-tables.sh: README.md has no markers for $name" >&2
		exit 1
	}
	cat "$part.readme" >"$root/README.md"
	rm "$part" "$part.readme"
}

case ${1-} in
configuration | session | growing) "$1" ;;
--write)
	for part in ${2-configuration session growing}; do
		"$part" | put "$part"
	done
	;;
*)
	sed -n '2,/^set/{/^set/d; s/^# \{0,1\}//; p}' "$0" >&2
	exit 64
	;;
esac
