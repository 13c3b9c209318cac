#!/bin/bash
# Every program is started anew, pod by pod, while people buy: nobody notices.
# shellcheck source=tests/cluster/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cluster/e2e/load.sh
. "$(dirname "$0")/load.sh"

new_market 3
begin_load 1
ok "people buy" eventually 60 has_sold 10

is_gone() { # POD...
	! kc get pod "$@" >"$STORY_DIR/gone" 2>&1
}

for name in $PROGRAMS; do
	story "Another $name"
	mapfile -t old < <(pods "$name")
	kc rollout restart "deployment/shop-$name" >/dev/null
	ok "comes up" quietly kc rollout status "deployment/shop-$name" --timeout=120s
	for pod in "${old[@]}"; do
		ok "the old one goes" eventually 90 is_gone "$pod"
	done
done

story "All programs were rolled"
end_load
nothing_lost
everything_adds_up
mails_arrive 90
never_restarted
done_testing
