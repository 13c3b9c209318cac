#!/bin/bash
# The integration stories that need nothing but addresses, told to the shop on the cluster.
# shellcheck source=tests/cluster/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

for name in first-session auth-registration auth-logout items-changes items-images items-list items-manage \
	purchase order order-steps sales refusals-input mail-purchase; do
	if BUILD='' "tests/integration/$name.t" >"$STORY_DIR/said" 2>&1; then
		pass "$name: $(grep -c '^ok' "$STORY_DIR/said") assertions"
	else
		fail "$name" "$(grep -A 12 '^not ok' "$STORY_DIR/said" || tail -n 5 "$STORY_DIR/said")"
	fi
done

never_restarted
done_testing
