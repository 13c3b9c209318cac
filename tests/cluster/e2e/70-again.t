#!/bin/bash
# Removed and installed again, the shop finds what its volumes and Secrets kept.
# shellcheck source=tests/cluster/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cluster/e2e/kept.sh
. "$(dirname "$0")/kept.sh"

story "Before"
leave_something

story "helm uninstall"
ok "it goes" quietly helm -n "$NAMESPACE" uninstall shop --wait --timeout 180s
are_gone() { [ -z "$(kc get pods -l app.kubernetes.io/part-of=shop -o name)" ]; }
ok "no pod stays" eventually 120 are_gone
is "$(kc get persistentvolumeclaims -o name | wc -l)" 3 "its volumes do"

story "helm install"
ok "it installs" put install || note "$SAID"
comes_up 300
finds_it_again
never_restarted
done_testing
