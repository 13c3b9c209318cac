#!/bin/bash
# The repository stands for itself: it names no folder outside of it and no package registry's host.
. "$(dirname "$0")/tap.sh"

text=$(files | grep -vE '\.(png|jpg|webp|ico|gz|wasm)$')

found() { # PATTERN
	# shellcheck disable=SC2086  # a list of names
	grep -InE "$1" $text /dev/null | cut -c 1-160 || true
}

found '(^|[^A-Za-z0-9_.$}/-])/wor[k]/' | rule "no file names a folder of one machine"
found '[.][.]/shared(/|$)' | rule "no file names a folder beside the repository"
found '(pypi|pythonhosted|crates|npmjs|proxy[.]golang|maven[.]apache|deb[.]debian|archive[.]ubuntu)[.](org|io|com)' |
	rule "no file names a package registry's host"

done_rules
