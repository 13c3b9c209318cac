#!/bin/bash
# The integration stories that need nothing but addresses, told to the shop on the cluster, three at a time.
# shellcheck source=tests/cluster/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

stories='first-session auth-registration auth-logout items-changes items-images items-list items-manage
	purchase order order-steps sales refusals-input mail-purchase'
export STORY_DIR
# shellcheck disable=SC2016  # for the shell that tells it
tr -s ' \t' '\n' <<<"$stories" | xargs -P 3 -I NAME bash -c \
	'"tests/integration/$1.t" >"$STORY_DIR/said-$1" 2>&1; echo $? >"$STORY_DIR/status-$1"' bash NAME
for name in $stories; do
	if [ "$(<"$STORY_DIR/status-$name")" = 0 ]; then
		pass "$name: $(grep -c '^ok' "$STORY_DIR/said-$name") assertions"
	else
		fail "$name" "$(grep -A 12 '^not ok' "$STORY_DIR/said-$name" || tail -n 5 "$STORY_DIR/said-$name")"
	fi
done

never_restarted
done_testing
