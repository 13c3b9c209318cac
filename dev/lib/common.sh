# shellcheck shell=bash
# What dev/stack and its parts share: messages, the state folder, the account, processes, ports.

say() { printf '%s\n' "$*" >&2; }
fail() {
	say "dev/stack: $*"
	exit 1
}

# --- the account ---------------------------------------------------------------------------------
# Servers don't run as root: root runs them by the account that dev/install makes.

AS=()
ACCOUNT=
if [ "$(id -u)" = 0 ]; then
	ACCOUNT=shop
	AS=(setpriv --reuid "$ACCOUNT" --regid "$ACCOUNT" --clear-groups --no-new-privs --)
fi

give_to_account() {
	[ -z "$ACCOUNT" ] || chown -R "$ACCOUNT:$ACCOUNT" "$@"
}

# --- the state folder ----------------------------------------------------------------------------
# $STATE holds all of a stack: data, logs, sockets, mail, secrets, and copies of the programs and of
# lighttpd's configuration.  Root's account may be unable to reach the checkout (/root is closed to
# it): then the folder is kept in /var/lib/shop, and the path in the checkout is a link to it.

state_make() {
	local dir=$1 real
	if [ -n "$ACCOUNT" ]; then
		id -u "$ACCOUNT" >/dev/null 2>&1 || fail "no account $ACCOUNT; make install makes it"
	fi
	if [ ! -e "$dir" ]; then
		mkdir -p "$(dirname "$dir")"
		if "${AS[@]}" test -x "$(realpath "$(dirname "$dir")")"; then
			mkdir -p "$dir"
		else
			real=/var/lib/shop/$(basename "$dir")-$(realpath -m "$dir" | cksum | cut -d' ' -f1)
			install -d -m 711 /var/lib/shop
			mkdir -p "$real"
			ln -sfn "$real" "$dir"
		fi
	fi
	STATE=$(realpath "$dir")
	# A checkout of root's stays root's; what is inside the folder is the account's.
	give_to_account_flat "$STATE"
	chmod 711 "$STATE"
	local sub
	for sub in bin conf data etc keys log mail mail/new mail/cur mail/tmp pid secrets tmp; do
		own_folder "$STATE/$sub"
	done
	# A unix socket's path is limited to 107 bytes.
	SOCKETS=$STATE/sock
	if [ ${#SOCKETS} -gt 80 ]; then
		SOCKETS=/tmp/shop-$(printf '%s' "$STATE" | cksum | cut -d' ' -f1)
	fi
	own_folder "$SOCKETS"
}

# A folder of the account's, made if it is not there.
own_folder() {
	[ -d "$1" ] || {
		install -d -m 700 "$1"
		give_to_account_flat "$1"
	}
}

give_to_account_flat() {
	[ -z "$ACCOUNT" ] || chown "$ACCOUNT:$ACCOUNT" "$@"
}

# secret NAME: prints the path of a file with a random secret, made at first use.
secret() {
	local path=$STATE/secrets/$1
	if [ ! -s "$path" ]; then
		(umask 077 && openssl rand -hex 32 >"$path.tmp" && mv "$path.tmp" "$path")
		give_to_account_flat "$path"
	fi
	echo "$path"
}

# put FILE: writes standard input to a file that only the account can read, at once or not at all.
put() {
	(umask 077 && cat >"$1.tmp")
	give_to_account_flat "$1.tmp"
	mv "$1.tmp" "$1"
}

# --- processes -----------------------------------------------------------------------------------
# A part is a process, or a group of them, whose id stands in pid/PART with the time it was started,
# so that an id that went to another process since is not taken for it.

started_at() {
	local stat
	{ stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
	stat=${stat##*) }
	# shellcheck disable=SC2086  # fields
	set -- $stat
	[ "$1" != Z ] || return 1
	echo "${20}"
}

# At once or not at all: a note half written would tell of a part that is gone.
note_pid() { # PART PID
	local since
	since=$(started_at "$2") || return 0 # ended at once: whoever waits for it will say so
	printf '%s %s\n' "$2" "$since" >"$STATE/pid/$1.$BASHPID"
	mv "$STATE/pid/$1.$BASHPID" "$STATE/pid/$1"
}

# Prints the process id of a part that runs.
pid_of() {
	local pid since
	read -r pid since 2>/dev/null <"$STATE/pid/$1" || return 1
	[ "$(started_at "$pid")" = "$since" ] || return 1
	echo "$pid"
}

# spawn PART COMMAND...: starts it by the account, in a session of its own, with a log, and without
# what the caller's home folder would tell it.
spawn() {
	local part=$1
	shift
	printf -- '--- start %s\n' "$(date -u +%FT%TZ)" >>"$STATE/log/$part.log"
	give_to_account_flat "$STATE/log/$part.log"
	# Both note its id: the child, in case we are killed here; we, to know it on return.
	(
		note_pid "$part" "$BASHPID"
		cd "$STATE" || exit
		exec setsid "${AS[@]}" env "HOME=$STATE/data" "$@" </dev/null >>"$STATE/log/$part.log" 2>&1 9>&-
	) &
	note_pid "$part" $!
}

now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# How long a part may take until it answers, until it has ended when asked to, and until it is gone when
# killed.  A busy host takes its time, and a quiet one loses nothing by it: what ends instead of
# answering is not waited for.
START_S=120 STOP_S=60 KILL_S=30

# until_true SECONDS COMMAND...
until_true() {
	local end=$(($(now_ms) + $1 * 1000)) pause_ms=10 pause
	shift
	until "$@"; do
		[ "$(now_ms)" -lt "$end" ] || return 1
		printf -v pause '0.%03d' "$pause_ms"
		sleep "$pause"
		pause_ms=$((pause_ms * 3 / 2 < 100 ? pause_ms * 3 / 2 : 100))
	done
}

is_gone() { ! pid_of "$1" >/dev/null; }

# Is PART no more the process PID?  Has another one taken its place?
is_other() { [ "$(pid_of "$1")" != "$2" ]; }
is_another() { # PART PID
	local now
	now=$(pid_of "$1") && [ "$now" != "$2" ]
}

# stop_process PART SIGNAL: asks it to end, and insists when it doesn't.
stop_process() {
	local part=$1 pid
	pid=$(pid_of "$part") || return 0
	kill "-$2" "$pid" 2>/dev/null || true
	if ! until_true $STOP_S is_gone "$part"; then
		say "  $part did not stop in $STOP_S s: killed"
		kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null || true
		until_true $KILL_S is_gone "$part" || fail "$part (process $pid) can't be stopped"
	fi
	rm -f "$STATE/pid/$part"
}

# --- ports ---------------------------------------------------------------------------------------

PORT_NAMES=(PORT AUTH_PORT ITEMS_PORT NOTIFICATIONS_PORT NOTIFIER_PORT POSTGRES_PORT MONGODB_PORT
	AMQP_PORT SMTP_PORT EPMD_PORT ERLANG_PORT)
PORT_DEFAULTS=(8080 8081 8082 8083 8084 5440 27040 5680 2540 5681 5682)

listening_ports() {
	awk '$4 == "0A" { sub(/.*:/, "", $2); print $2 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

is_listening() {
	listening_ports | grep -qxF "$(printf '%04X' "$1")"
}

# Settles every port: by its variable, by PORT_BASE, as this stack had it before, or by default.
# With PORT_BASE=free, on eleven ports in a row that nobody listens on.
ports_settle() {
	local i name base=${PORT_BASE-} taken port
	if [ "$base" = free ] && [ -s "$STATE/ports" ]; then
		base=
	elif [ "$base" = free ]; then
		taken=$(listening_ports)
		while :; do
			# Below the range from which the kernel takes ports for connections.
			base=$((20000 + RANDOM % 1000 * 12))
			for i in "${!PORT_NAMES[@]}"; do
				! grep -qxF "$(printf '%04X' $((base + i)))" <<<"$taken" || continue 2
			done
			break
		done
	fi
	for i in "${!PORT_NAMES[@]}"; do
		name=${PORT_NAMES[i]}
		[ -n "${!name-}" ] && continue
		if [ -n "$base" ]; then
			port=$((base + i))
		elif [ "${PORT_BASE-}" = free ]; then
			port=$(sed -n "s/^$name=//p" "$STATE/ports")
		else
			port=${PORT_DEFAULTS[i]}
		fi
		printf -v "$name" %s "$port"
	done
	for name in "${PORT_NAMES[@]}"; do
		if ! [[ ${!name} =~ ^[1-9][0-9]{0,4}$ ]] || [ "${!name}" -gt 65535 ]; then
			fail "$name=${!name} is no port"
		fi
	done
}

ports_save() {
	local name
	for name in "${PORT_NAMES[@]}"; do
		printf '%s=%s\n' "$name" "${!name}"
	done >"$STATE/ports"
}

ports_load() {
	[ -s "$STATE/ports" ] || fail "no shop was started in $STATE"
	# shellcheck disable=SC1091
	. "$STATE/ports"
}

# need_ports PART: it is about to listen on them.
need_ports() {
	local name names=()
	case $1 in
	postgres) names=(POSTGRES_PORT) ;;
	mongodb) names=(MONGODB_PORT) ;;
	rabbitmq) names=(AMQP_PORT EPMD_PORT ERLANG_PORT) ;;
	smtp) names=(SMTP_PORT) ;;
	lighttpd) names=(PORT AUTH_PORT ITEMS_PORT) ;;
	notifications) names=(NOTIFICATIONS_PORT) ;;
	notifier) names=(NOTIFIER_PORT) ;;
	esac
	for name in "${names[@]}"; do
		! is_listening "${!name}" ||
			fail "port ${!name} for $1 is taken by another program; set $name to another one, or PORT_BASE"
	done
}
