# shellcheck shell=bash
# What the stories on a real cluster share.  To be read in place of the integration stories' lib.sh.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../integration/lib.sh"
use_stack
cd "$SHOP_ROOT" || exit 1

E2E_DIR=tests/cluster/e2e
SERVICES='auth items notifications'
PROGRAMS="$SERVICES notifier gateway"
STORES='postgresql mongodb rabbitmq'

# --- the release ---------------------------------------------------------------------------------

kc() {
	kubectl -n "$NAMESPACE" "$@"
}

# quietly COMMAND...: what it says goes to the file said.
quietly() {
	"$@" >"$STORY_DIR/said" 2>&1
}

# put install|upgrade [CHARTS [ARGUMENT...]]: the shop from that folder of charts.  SAID is what helm printed.
put() {
	local verb=$1 charts=${2:-$E2E/charts} status=0
	shift $(($# < 2 ? $# : 2))
	[ "$charts" != "$E2E/charts" ] || [ -d "$charts" ] || dev/charts "$charts"
	SAID=$(helm -n "$NAMESPACE" "$verb" shop "$charts/shop" -f helm/shop/values-local.yaml -f "$E2E_DIR/values.yaml" \
		--set "global.publicUrl=$GATEWAY_URL" --set "global.registry=${REGISTRY-}" "$@" 2>&1) || status=$?
	return "$status"
}

# Every program and store has the pods it wants, and of the newest revision.
is_rolled_out() { # [SECONDS]
	local name
	for name in $STORES; do
		kc rollout status "statefulset/shop-$name" --timeout="${1:-240}s" >"$STORY_DIR/rollout" 2>&1 || return 1
	done
	for name in $PROGRAMS; do
		kc rollout status "deployment/shop-$name" --timeout="${1:-240}s" >"$STORY_DIR/rollout" 2>&1 || return 1
	done
}

# Where things don't come up: which pods, and what they last said.
tell_pods() {
	kc get pods -o wide 2>&1 | sed 's/^/# /'
	kc get pods -o json | jq -r '.items[] | select(any(.status.containerStatuses[]?; .ready | not))
		| select(.status.phase != "Succeeded") | .metadata.name' | while read -r pod; do
		note "$pod:"
		kc logs "$pod" --all-containers --tail=5 2>&1 | sed 's/^/#   /'
		kc get events --field-selector "involvedObject.name=$pod" -o custom-columns=:.message 2>&1 | tail -n 4 |
			sed 's/^/#   /'
	done
}

all_ready() { # [SECONDS]
	if is_rolled_out "$@"; then
		pass "every pod is ready"
	else
		fail "every pod is ready" "$(cat "$STORY_DIR/rollout")"
		tell_pods
	fi
}

comes_up() { # [SECONDS]
	all_ready "$@"
	# A Service follows its pods a moment later.
	ok "the shop answers" eventually 60 answers
}
answers() {
	api GET '/item?limit=1' && [ "$STATUS" = 200 ] || return 1
	api GET /auth/.well-known/jwks.json && [ "$STATUS" = 200 ] || return 1
	api GET /notification && [ "$STATUS" = 401 ]
}

# pods NAME: those that serve, one a line.
pods() {
	kc get pods -l "app.kubernetes.io/name=$1,app.kubernetes.io/component=server" \
		-o 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}'
}

# No container was ever started again, but those of Jobs, which try until their store is there.  What a
# story kills is followed by a new pod.
never_restarted() {
	is "$(kc get pods -o json | jq -r '.items[]
		| select(any(.metadata.ownerReferences[]?; .kind == "Job") | not) | .metadata.name as $pod
		| (.status.initContainerStatuses // []) + (.status.containerStatuses // [])
		| .[] | select(.restartCount > 0) | "\($pod) \(.name) \(.restartCount) \(.lastState | tojson)"')" '' \
		"no container was restarted"
}
