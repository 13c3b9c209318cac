#!/bin/bash
# `kubectl apply -k k8s/` brings up the shop, without Helm, in the namespace shop.
# shellcheck source=tests/cluster/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

if kubectl get namespace shop >/dev/null 2>&1; then
	skip "k8s/" "there is a namespace shop already"
	done_testing
fi

leave() {
	kill "${forward-}" 2>/dev/null
	[ -n "${KEEP-}" ] || kubectl delete namespace shop --timeout=120s >/dev/null 2>&1
	rm -rf "$STORY_DIR"
}
trap leave EXIT

story "k8s/make-secrets"
cp -r k8s "$STORY_DIR/k8s"
rm -f "$STORY_DIR"/k8s/*/secret*[^e].yaml
ok "makes Secrets" quietly "$STORY_DIR/k8s/make-secrets"
ok "without an example's value in them" [ -z "$(cat "$STORY_DIR"/k8s/*/secret*[^e].yaml | grep -v '^#' | grep EXAMPLE)" ]
cksum "$STORY_DIR"/k8s/*/secret*.yaml >"$STORY_DIR/sums"
"$STORY_DIR/k8s/make-secrets" >"$STORY_DIR/said" 2>&1
ok "and keeps them" cmp <(cksum "$STORY_DIR"/k8s/*/secret*.yaml) "$STORY_DIR/sums"

# What values-local.yaml is to the charts, and the mail server.  One node is to hold two shops.
registry=${REGISTRY:-localhost/shop}
mkdir "$STORY_DIR/here"
cat >"$STORY_DIR/here/kustomization.yaml" <<END
resources: [../k8s]
images:
  - {name: docker.io/library/postgres, newName: $registry/postgresql, newTag: 1.0.0}
  - {name: docker.io/library/rabbitmq, newName: $registry/rabbitmq, newTag: 1.0.0}
  - {name: docker.io/library/mongo, newName: $registry/secantusdb, newTag: 1.0.0}
  - {name: docker.io/library/haproxy, newName: $registry/haproxy, newTag: 1.0.0}
$(for name in auth items notifications notifier; do
	echo "  - {name: localhost/shop/$name, newName: $registry/$name}"
done)
patches:
  - target: {kind: StatefulSet, name: shop-mongodb}
    patch: |
      - {op: replace, path: /spec/replicas, value: 1}
      - {op: remove, path: /spec/template/spec/initContainers}
      - {op: remove, path: /spec/template/spec/containers/1}
      - op: replace
        path: /spec/template/spec/containers/0/command
        value: [secantusd-py, --host, 0.0.0.0, --port, "27017", --storage-path, /data/db, --sync-on-commit]
      - {op: replace, path: /spec/template/spec/containers/0/readinessProbe, value: {tcpSocket: {port: mongodb}}}
  - target: {kind: Secret, name: shop-mongodb}
    patch: '- {op: replace, path: /stringData/uri, value: "mongodb://shop-mongodb:27017"}'
  - target: {kind: Secret, name: shop-notifier}
    patch: '- {op: replace, path: /stringData/url, value: "smtp://mail.$NAMESPACE:2525?tls=optional"}'
  - target: {kind: NetworkPolicy, name: shop-notifier}
    patch: '- {op: add, path: /spec/egress/-, value: {ports: [{port: 2525}]}}'
$(for kind in Deployment StatefulSet; do
	echo "  - target: {kind: $kind}"
	echo "    patch: '- {op: replace, path: /spec/template/spec/containers/0/resources/requests/cpu, value: 20m}'"
done)
END

story "kubectl apply -k"
ok "takes them all" quietly kubectl apply -k "$STORY_DIR/here" || note "$(cat "$STORY_DIR/said")"
NAMESPACE=shop
all_ready 300
kc port-forward service/shop-gateway :8080 >"$STORY_DIR/forward" 2>&1 &
forward=$!
is_forwarded() { grep -q '^Forwarding from 127' "$STORY_DIR/forward"; }
ok "a way to it" eventually 20 is_forwarded
GATEWAY_URL=http://127.0.0.1:$(sed -n 's/^Forwarding from 127.0.0.1:\([0-9]*\).*/\1/p' "$STORY_DIR/forward")

story "The shop"
ok "answers" eventually 60 answers
new_user seller
new_user buyer
new_item seller
api POST "/buy/$ITEM" "$TOKEN_buyer" '{"quantity":1}'
is_status 201 "sells"
ok "and writes" eventually 60 mail_to "$EMAIL_buyer" receipt
never_restarted
done_testing
