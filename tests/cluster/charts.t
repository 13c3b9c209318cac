#!/bin/bash
# The charts of helm/ and the manifests of k8s/, without a cluster: well-formed, what Kubernetes and the
# operators know, as safe as they should be, and made from each other.
. "$(dirname "$0")/../lint/tap.sh"

tools=tests/cluster/tools
"$tools" --build 2>&1 | sed 's/^/# /'
schemas=$("$tools" --schemas)
crds=$("$tools" --crds)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
services="auth items notifications notifier"
stores="postgresql mongodb rabbitmq"

# What a chart can't be rendered without.
needed() { # CHART
	case $1 in
	shop) echo --set global.publicUrl=https://shop.example.org --set notifier.smtp.url=smtp://mail:25 ;;
	notifier) echo --set global.publicUrl=https://shop.example.org --set smtp.url=smtp://mail:25 ;;
	auth | items | notifications) echo --set global.publicUrl=https://shop.example.org ;;
	esac
}

render() { # NAME CHART ARGUMENT...: to $made/manifests/NAME.yaml; prints what is wrong
	local name=$1 chart=$2
	shift 2
	# shellcheck disable=SC2046  # a list of arguments
	"$tools" helm template shop "$made/charts/$chart" --namespace shop $(needed "$chart") "$@" \
		>"$made/manifests/$name.yaml" 2>"$made/trouble" || sed "s/^/$name: /" "$made/trouble"
}

dev/chart-files "$made/again" 2>&1 | rule "dev/chart-files makes READMEs, schemas and manifests"
for file in helm/*/README.md helm/*/values.schema.json; do
	cmp "$file" "$made/again/$file" 2>&1 || true
done | rule "each chart's README and schema are those of its values (make k8s makes them)"
{ diff -r -x make-secrets -x 'secret*.yaml' k8s "$made/again/k8s" 2>&1 || true; } |
	rule "k8s/ is the charts' default rendering (make k8s makes it)"
for file in "$made"/again/k8s/*/*.example.yaml; do
	cmp "$file" "${file#"$made/again/"}" 2>&1 || true
done | rule "so are its examples of Secrets"
{ grep -l 'PRIVATE KEY' k8s/*/*.example.yaml || true; } |
	rule "no example holds a key"

dev/charts "$made/charts"
for chart in $services gateway $stores shop logging; do
	# shellcheck disable=SC2046
	"$tools" helm lint --strict --quiet "$made/charts/$chart" $(needed "$chart") 2>&1 |
		grep -E 'ERROR|WARNING|Error' || true
done | rule "helm lint finds nothing"

mkdir "$made/manifests"
{
	for chart in $services gateway $stores logging; do
		render "$chart" "$chart"
	done
	for service in $services; do
		render "$service-more" "$service" --set podMonitor.enabled=true --set serviceMonitor.enabled=true \
			--set externalSecret.enabled=true --set externalSecret.store.name=vault \
			--set autoscaling.enabled=false --set priorityClassName=high
	done
	for store in $stores; do
		render "$store-operator" "$store" --set mode=operator
		render "$store-external" "$store" --set mode=external --set 'external.networks={10.1.2.0/24}'
	done
	render logging-fluentd logging --set fluentd.enabled=true --set kibana.publicUrl=https://logs.example.org \
		--set 'kibana.from[0].namespaceSelector.matchLabels.kubernetes\.io/metadata\.name=ingress'
	render logging-external logging --set elasticsearch.enabled=false --set existingSecret=elastic \
		--set elasticsearch.external.url=https://elastic.example.org:9243 --set 'elasticsearch.external.networks={10.1.2.0/24}'
	for values in helm/shop/values*.yaml; do
		render "$(basename "$values" .yaml)" shop -f "$values"
	done
	render routes shop --set ingress.enabled=true --set httpRoute.enabled=true \
		--set 'httpRoute.parentRefs[0].name=gateway' --set notifier.keda.enabled=true \
		--set mongodb.mode=operator --set mongodb.operator.shards=2
} | rule "every chart is rendered, with every values file and every option"

cp -r k8s "$made/manifests/k8s"
rm -f "$made"/manifests/k8s/*/secret*[^e].yaml
for version in "$schemas"/*; do
	"$tools" kubeconform -strict -summary -n 2 -ignore-filename-pattern 'kustomization\.yaml$|make-secrets$' \
		-schema-location "$version/{{ .ResourceKind }}{{ .KindSuffix }}.json" \
		-schema-location "$crds/{{ .ResourceKind }}{{ .KindSuffix }}.json" \
		"$made/manifests" 2>&1 | grep -vE 'Invalid: 0, Errors: 0, Skipped: 0$' |
		rule "Kubernetes ${version##*/} and the operators know every field of every resource"
done

# Images have fixed tags, for which IfNotPresent is right.  Without a limit of CPU nothing is throttled
# that the node has time for.
for file in "$made"/manifests/*.yaml; do
	"$tools" kube-score score --kubernetes-version v1.34 --output-format ci --ignore-container-cpu-limit \
		--ignore-test container-image-pull-policy "$file" 2>&1 | grep -E 'CRITICAL|rror' |
		sed "s#^#$(basename "$file"): #" || true
done | rule "kube-score finds nothing critical"

grep -rhoE '^ *(- )?(image|imageName): .*' "$made/manifests" | tr -d '"' | sort -u |
	grep -vE '(:v?[0-9][0-9A-Za-z.-]*(@sha256:[0-9a-f]{64})?)$' | rule "every image has a fixed tag"
grep -rniE 'bitnam[i]' helm k8s | rule "no image is Bitnami's"

sed -n 's/^  first.pem: "\(.*\)"$/\1/p' "$made/manifests/auth.yaml" | sed 's/\\n/\n/g' |
	openssl pkey -noout -text 2>&1 | { grep 'NIST CURVE' || echo none; } | { grep -v 'P-256' || true; } |
	rule "a signing key is on P-256"

for suite in tests/cluster/suites/*_test.yaml; do
	chart=$(basename "$suite" _test.yaml)
	mkdir "$made/charts/$chart/tests"
	cp "$suite" "$made/charts/$chart/tests/"
	"$tools" helm-unittest "$made/charts/$chart" >"$made/trouble" 2>&1 || {
		echo "$chart:"
		grep -v '^$' "$made/trouble"
	}
done | rule "the charts do what their tests say"

done_rules
