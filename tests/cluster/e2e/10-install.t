#!/bin/bash
# A new namespace, one `helm install`, and the shop is there.
# shellcheck source=tests/cluster/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

story "helm install"
ok "it installs" put install || note "$SAID"
comes_up 300
ok "helm test" quietly helm -n "$NAMESPACE" test shop --timeout 120s || {
	note "$(cat "$STORY_DIR/said")"
	tell_pods
}

story "A mail of the shop"
new_user ada
ok "arrives" eventually 20 mail_to "$EMAIL_ada" welcome

never_restarted
done_testing
