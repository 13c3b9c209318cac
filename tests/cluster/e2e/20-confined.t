#!/bin/bash
# What a pod may not do, as its node enforces it.
# shellcheck source=tests/cluster/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

inside() { # POD COMMAND...
	local pod=$1
	shift
	kc exec "$pod" -c "$name" -- "$@" 2>&1
}

limit_of() { # POD: of memory, by its control group of version 2 or 1
	inside "$1" cat /sys/fs/cgroup/memory.max | grep -x '[0-9]*' ||
		inside "$1" cat /sys/fs/cgroup/memory/memory.limit_in_bytes
}

for name in $PROGRAMS $STORES; do
	story "A pod of $name"
	pod=$(pods "$name" | head -n 1)
	is "$(limit_of "$pod")" "$(kc get pod "$pod" -o json | jq -r '.spec.containers[0].resources.limits.memory
		| if endswith("Mi") then rtrimstr("Mi") | tonumber * 1048576 else rtrimstr("Gi") | tonumber * 1073741824 end')" \
		"its limit of memory is that of its control group"
	case " $SERVICES notifier " in
	*" $name "*) is "$(limit_of "$pod")" 67108864 "which is 64 MiB" ;;
	esac
	is "$(inside "$pod" touch /x /usr/x /etc/x | grep -c 'Read-only file system')" 3 "its root is read-only"
	status=$(inside "$pod" cat /proc/1/status)
	is "$(grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb):' <<<"$status" | awk '{ print $2 }' | sort -u)" 0000000000000000 \
		"it has no capability"
	is "$(awk '$1 == "NoNewPrivs:" { print $2 }' <<<"$status")" 1 "it can't gain any"
	ok "it is not root" [ "$(awk '$1 == "Uid:" { print $2 }' <<<"$status")" -gt 0 ]
	ok "it holds no token of the cluster" inside "$pod" test ! -e /var/run/secrets/kubernetes.io
done

story "A namespace that admits restricted pods alone"
is "$(kubectl get namespace "$NAMESPACE" -o json | jq -r '.metadata.labels["pod-security.kubernetes.io/enforce"]')" \
	restricted "is where all of this runs"

never_restarted
done_testing
