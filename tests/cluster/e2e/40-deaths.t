#!/bin/bash
# Any one pod is killed at once, without a word, while people buy.  They repeat what was not answered,
# as one should; no order and no mail is lost.
# shellcheck source=tests/cluster/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cluster/e2e/load.sh
. "$(dirname "$0")/load.sh"

new_market 3
begin_load 400
ok "people buy" eventually 60 has_sold 10

for name in $PROGRAMS; do
	story "A pod of $name is killed"
	pod=$(pods "$name" | head -n 1)
	ok "it is gone" quietly kc delete pod "$pod" --grace-period=0 --force
	ok "another one comes" quietly kc rollout status "deployment/shop-$name" --timeout=120s
done

for name in $STORES; do
	story "The pod of $name is killed"
	# A moment's grace: that of a name which must not run twice is given up only when its node says so.
	ok "it is gone" quietly kc delete pod "shop-$name-0" --grace-period=1
	ok "it comes again" quietly kc rollout status "statefulset/shop-$name" --timeout=180s
	sold=$(cat "$LOAD"/bought-* | grep -c ' 201 ')
	ok "and people buy on" eventually 120 has_sold $((sold + 10))
done

story "One after the other was killed"
end_load
all_answered
everything_adds_up
# The notifier that is killed between a mail server's word and its own may repeat what it was at: two of
# each kind by each of its workers.
mails_arrive 180 8
never_restarted
done_testing
