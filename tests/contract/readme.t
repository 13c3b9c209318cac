#!/bin/bash
# README.md says what the project's files and programs say.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root" || exit 1
count=0
failures=0

ok() { # WHAT COMMAND...
	local what=$1 said
	shift
	count=$((count + 1))
	if said=$("$@" 2>&1); then
		echo "ok $count - $what"
	else
		failures=$((failures + 1))
		echo "not ok $count - $what"
		head -n 40 <<<"$said" | sed 's/^/#   /'
	fi
}

between() { # NAME [FILE]
	awk -v start="<!-- $1: " -v end="<!-- end of $1 -->" '
		index($0, end) == 1 { inside = 0 }
		inside { print }
		index($0, start) == 1 { inside = 1 }' "${2-README.md}"
}

same() { # NAME
	diff -u <(between "$1") <("$here/readme-tables.sh" "$1")
}

# What the values of a size say is what dev/growing reckons.
values_follow() {
	local size differ=0
	for size in small medium large; do
		diff -u "helm/shop/values-$size.yaml" <(dev/growing values "$size") || differ=1
	done
	return $differ
}

# The commands that verify a delivery, run as they stand there, find the signature that it says.
webhook_verifies() {
	local work said
	work=$(mktemp -d)
	# shellcheck disable=SC2016  # Markdown's backquotes
	said=$(cd "$work" && between webhook "$root/README.md" | grep -v '^```' | bash)
	rm -rf "$work"
	echo "$said"
	[ "$said" = g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= ] && grep -qF "$said" README.md
}

has_bench() {
	between bench | grep -q '^|'
}

# Every path in backquotes or behind a link is there.
paths_exist() {
	local path missing=0
	while read -r path; do
		[ -e "$path" ] || { echo "$path is not there" && missing=1; }
	done < <({
		grep -oE '\]\([^)#]+\)' README.md | sed -E 's/^\]\(//; s/\)$//' | grep -v '^https\?:'
		# shellcheck disable=SC2016  # Markdown's backquotes
		grep -oE '`(assets|dev|fcgi|helm|lighttpd|notifier|shared|tests)/[A-Za-z0-9_./-]*`' README.md |
			tr -d '`'
	} | sort -u)
	return $missing
}

# Every make target it speaks of is one.
# shellcheck disable=SC2016  # Markdown's backquotes
targets_exist() {
	local target missing=0
	while read -r target; do
		grep -qE "^([a-z0-9-]+ )*$target( [a-z0-9-]+)*:" Makefile || { echo "make $target is none" && missing=1; }
	done < <(grep -oE '(^|`)make [a-z][a-z0-9-]*' README.md | sed 's/.*make //' | sort -u)
	return $missing
}

ok "the settings are those of the programs (make readme writes them)" same configuration
ok "the first session is dev/first-session.sh (make readme writes it)" same session
ok "what a growing shop needs follows from what was measured (make growing writes it)" same growing
ok "so do the values for each size (make growing writes them)" values_follow
ok "its commands verify a webhook's delivery" webhook_verifies
ok "the benchmark's table is there (make bench-readme writes it)" has_bench
ok "every path it names is there" paths_exist
ok "every make target it names is one" targets_exist
echo "1..$count"
[ "$failures" -eq 0 ]
