#!/bin/bash
# From the charts before this one's, while people buy: data, keys and passwords stay.
# shellcheck source=tests/cluster/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cluster/e2e/load.sh
. "$(dirname "$0")/load.sh"
# shellcheck source=tests/cluster/e2e/kept.sh
. "$(dirname "$0")/kept.sh"

# The newest commit whose charts are others than these.
previous() {
	local commit
	if [ -n "${PREVIOUS-}" ]; then
		echo "$PREVIOUS"
		return
	fi
	git log -20 --format=%h -- helm 2>/dev/null | while read -r commit; do
		git diff --quiet "$commit" -- helm || {
			echo "$commit"
			break
		}
	done
}
before=$(previous)
if [ -z "$before" ]; then
	skip "upgrade" "no earlier charts in this history"
	done_testing
fi

story "The charts of $(git log -1 --format='%h (%cs)' "$before")"
mkdir "$STORY_DIR/before"
git archive "$before" helm | tar -x -C "$STORY_DIR/before"
dev/charts "$STORY_DIR/charts" "$STORY_DIR/before/helm"
helm -n "$NAMESPACE" uninstall shop --wait --timeout 180s >"$STORY_DIR/said" 2>&1
kc delete secrets,persistentvolumeclaims -l app.kubernetes.io/part-of=shop --timeout=60s >"$STORY_DIR/said" 2>&1
kc delete persistentvolumeclaims --all --timeout=60s >>"$STORY_DIR/said" 2>&1
ok "they install, on empty volumes" put install "$STORY_DIR/charts" || note "$SAID"
comes_up 300
leave_something

story "helm upgrade"
new_market 2
begin_load 400
ok "people buy" eventually 60 has_sold 10
# With a setting that is new, so that every pod is.
ok "it goes through" put upgrade "$E2E/charts" --timeout 300s --set auth.settings.LOG_LEVEL=debug \
	--set items.settings.LOG_LEVEL=debug --set notifier.settings.LOG_LEVEL=debug \
	--set notifications.settings.LOG_LEVEL=debug || note "$SAID"
comes_up 300
sold=$(cat "$LOAD"/bought-* | grep -c ' 201 ')
ok "people buy on" eventually 60 has_sold $((sold + 10))
end_load
all_answered
everything_adds_up
mails_arrive 120 8
finds_it_again
never_restarted
done_testing
