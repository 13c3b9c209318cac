#!/bin/bash
# What is wrong is told in one clear line, and what serves goes on.
# shellcheck source=tests/cluster/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

refuses() { # WHAT REGEX ARGUMENT...: the upgrade is refused, with a line like that
	local what=$1 regex=$2
	shift 2
	if put upgrade "$E2E/charts" "$@"; then
		fail "$what is refused" "helm took it"
	else
		ok "$what is refused, and named" grep -qE "$regex" <<<"$SAID" || note "$SAID"
	fi
}

story "helm upgrade"
refuses "a value of the wrong kind" "^- at '/replicas': got string, want integer" --set auth.replicas=many
refuses "a value that is none" "^- at '': additional properties 'replica' not allowed" --set auth.replica=2
refuses "an unknown mode" "^- at '/mode': value must be one of 'bundled', 'operator', 'external'" --set mongodb.mode=mine
refuses "no address of the shop" 'global.publicUrl is needed' --set global.publicUrl=
refuses "a Secret that is not there" "there is no Secret nowhere in the namespace $NAMESPACE, from which SMTP_URL" \
	--set notifier.smtp.url= --set notifier.smtp.existingSecret=nowhere
is "$(helm -n "$NAMESPACE" list -o json | jq -r '.[].status')" deployed "the release is as it was"

story "A setting that the program refuses"
ok "the charts can't know" put upgrade "$E2E/charts" --set notifications.settings.WORKERS=1000 || note "$SAID"
newest() { # the pod that is not as the others
	kc get pods -l app.kubernetes.io/name=notifications,app.kubernetes.io/component=server -o json |
		jq -r '[.items[] | select(.status.containerStatuses[0].ready | not)][0].metadata.name // empty'
}
says() { # REGEX: some line of the new pod's log
	local pod
	pod=$(newest) && [ -n "$pod" ] || return 1
	kc logs "$pod" >"$STORY_DIR/log" 2>&1
	kc logs "$pod" --previous >>"$STORY_DIR/log" 2>/dev/null
	grep -qE "$1" "$STORY_DIR/log"
}
ok "its log names the setting and its bounds" eventually 60 says 'WORKERS.*256'
note "$(head -n 3 "$STORY_DIR/log")"
api GET /notification
is_problem 401 missing_token "the pods before it serve on"
ok "helm rollback" quietly helm -n "$NAMESPACE" rollback shop --wait --timeout 120s ||
	note "$(cat "$STORY_DIR/said")"

story "A store that is away"
names() { # URL STORE: none of the pods is ready, for want of that store
	kc get pods -l "app.kubernetes.io/name=$program,app.kubernetes.io/component=server" -o json |
		jq -e 'all(.items[]; .status.containerStatuses[0].ready | not)' >/dev/null || return 1
	api GET "$1/readyz"
	[ "$STATUS" = 503 ] && [ "$(json '[.checks[] | select(.ok | not) | .name] | join(" ")')" = "$2" ]
}
while read -r store program; do
	url=${program^^}_URL
	kc scale "statefulset/shop-$store" --replicas=0 >/dev/null
	ok "without $store $program is not ready, and says why" eventually 90 names "${!url}" "$store" ||
		note "$(head -c 300 "$BODY_FILE")"
	kc logs "$(pods "$program" | head -n 1)" --since=90s |
		jq -rR --arg store "$store" 'fromjson? | select(.msg == "not ready" and .check == $store)' -c >"$STORY_DIR/log"
	ok "and its log says so, too" [ -s "$STORY_DIR/log" ]
	note "$(head -n 1 "$STORY_DIR/log")"
	kc scale "statefulset/shop-$store" --replicas=1 >/dev/null
done <<'END'
mongodb items
rabbitmq notifier
postgresql auth
END
comes_up
for name in auth items notifications notifier; do
	url=${name^^}_URL
	ok "$name is ready" eventually 60 is_ready "${!url}"
done

never_restarted
done_testing
