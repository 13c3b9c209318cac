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

# To be called by whatever the story does at its end, which goes on whether this succeeds or not.
usual_settings() (
	for program in "${!changed[@]}"; do
		without "$program"
	done
)

# For what stands between a program and its store: a port that nobody listens on, another one each time.
# Below those of the stacks, and of the range from which the kernel takes ports for connections: what
# listens there later, or again, finds it free.
free_port() {
	perl -MIO::Socket::INET -e '
		open my $given, "+>>", shift or die; seek $given, 0, 0; my %given = map { $_ + 0, 1 } <$given>;
		my $port;
		do { $port = 10000 + int rand 10000 } while $given{$port} || !IO::Socket::INET->new(
			Listen => 1, ReuseAddr => 1, LocalAddr => "127.0.0.1", LocalPort => $port);
		print $given "$port\n"; print $port' "$STORY_DIR/ports"
}
