# shellcheck shell=bash
# Finds what builds and runs images, for the scripts that do.  To be sourced, at the project's root.

# By environment, with what `make images` takes for them.
: "${BASE:=docker.io/library/debian:trixie-slim}"
: "${REGISTRY:=localhost/shop}"
: "${VERSION:=$(sed -n 's/^appVersion: "\(.*\)"/\1/p' helm/shop/Chart.yaml)}"

# Sets `builder` to the words of BUILDER, or to the first of COMMAND... that works here; fails, saying
# so in a line, where none does.
# shellcheck disable=SC2034  # for who sources this
find_builder() { # COMMAND...
	local name
	read -ra builder <<<"${BUILDER-}"
	[ ${#builder[@]} = 0 ] || return 0
	for name in "$@"; do
		if "$name" info >/dev/null 2>&1; then
			builder=("$name")
			return
		fi
	done
	echo "no images: none of $* works here; or name a builder: BUILDER=…" >&2
	return 1
}
