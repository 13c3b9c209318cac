# shellcheck shell=bash
# For stories that need a program to run with other settings for a while.  To be read after lib.sh.

# with PROGRAM NAME=VALUE...: starts it again with these settings, until `without PROGRAM`, or the
# story's end, does so with its usual ones.
declare -A changed
with() {
	local program=$1 assignment
	shift
	for assignment in "$@"; do
		changed[$program]+=" ${assignment%%=*}="
	done
	stack set "$program" "$@"
	stack restart "$program"
}

without() {
	local names
	read -ra names <<<"${changed[$1]}"
	unset "changed[$1]"
	stack set "$1" "${names[@]}"
	stack restart "$1"
}

# To be called by whatever the story does at its end.
usual_settings() {
	local program
	for program in "${!changed[@]}"; do
		without "$program"
	done
}

# For what stands between a program and its store.
free_port() {
	perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(
		Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}
