#!/bin/bash
# What each pod takes while nothing happens and while people buy, as its control group counts: from this
# the charts' requests and limits follow.
# shellcheck source=tests/cluster/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cluster/e2e/load.sh
. "$(dirname "$0")/load.sh"

# usage: NAME POD CPU-MICROSECONDS WORKING-SET-BYTES of every pod, by control groups of version 2 or 1.
# shellcheck disable=SC2016  # for the shell in the pod
usage() {
	local name pod
	for name in $PROGRAMS $STORES; do
		for pod in $(pods "$name"); do
			printf '%s %s ' "$name" "$pod"
			kc exec "$pod" -c "$name" -- sh -c '
				cd /sys/fs/cgroup
				if [ -e cpu.stat ] && [ -e memory.current ]; then
					read -r _ cpu <cpu.stat
					read -r memory <memory.current
					cold=$(sed -n "s/^inactive_file //p" memory.stat)
				else
					read -r cpu <cpuacct/cpuacct.usage
					cpu=$((cpu / 1000))
					read -r memory <memory/memory.usage_in_bytes
					cold=$(sed -n "s/^total_inactive_file //p" memory/memory.stat)
				fi
				echo "$cpu $((memory - cold))"'
		done
	done
}

table() { # SECONDS: of two usages
	join -j 1 <(awk '{ print $2, $1, $3, $4 }' "$STORY_DIR/before" | sort) \
		<(awk '{ print $2, $3, $4 }' "$STORY_DIR/after" | sort) |
		awk -v seconds="$1" '{ printf "%-14s %4d m CPU %5.1f MiB\n", $2, ($5 - $3) / seconds / 1000, $6 / 1048576 }' | sort
}

observe() { # SECONDS
	local began=$EPOCHREALTIME
	usage >"$STORY_DIR/before"
	sleep "$1"
	usage >"$STORY_DIR/after"
	note "$(table "$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')")"
}

story "At rest"
observe 10
largest() { # NAME...: the most that a pod of them takes, in MiB
	awk -v names=" $* " 'index(names, " " $1 " ") && $4 > most { most = $4 } END { print int(most / 1048576) }' "$STORY_DIR/after"
}
# shellcheck disable=SC2086  # words
ok "a service's pod takes 24 MiB at most" [ "$(largest $SERVICES notifier)" -le 24 ]

story "Under load"
new_market 4
begin_load 1
ok "people buy" eventually 60 has_sold 20
observe 20
end_load
note "$ORDERS orders"
# shellcheck disable=SC2086
ok "a service's pod keeps well below its 64 MiB" [ "$(largest $SERVICES notifier)" -le 48 ]
nothing_lost
everything_adds_up
mails_arrive 90
never_restarted
done_testing
