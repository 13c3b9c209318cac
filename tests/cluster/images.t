#!/bin/bash
# What the images are built from, without building one: sound, and true to the charts.  What is built
# is looked at by `make images-check`.
. "$(dirname "$0")/../lint/tap.sh"

dockerfiles=(dev/images/Dockerfile dev/images/Dockerfile.stores)

hadolint() { # FILE...
	# shellcheck disable=SC2016
	dev/python dev/images/requirements.txt -c '
import os, sys
os.execv(os.path.join(sys.prefix, "bin", "hadolint"), ["hadolint", *sys.argv[1:]])' "$@"
}

# What a target of the Makefile hands to dev/images/build.
built_of() { # DOCKERFILE
	make --no-print-directory -n images images-local | sed -n "s#.*dev/images/build $1 ##p" | tr ' ' '\n'
}

targets_of() { # DOCKERFILE
	sed -nE 's/^FROM .* AS (.*)$/\1/p' "$1"
}

for file in "${dockerfiles[@]}"; do
	hadolint --no-color "$file" 2>&1 || true
done | rule "hadolint finds nothing"

for file in "${dockerfiles[@]}"; do
	comm -23 <(built_of "$file" | sort) <(targets_of "$file" | sort) | sed "s#^#$file has no target #"
	for target in $(targets_of "$file"); do
		# Others are built upon it, or from it.
		grep -qE "^(FROM $target |COPY --from=$target )" "$file" ||
			built_of "$file" | grep -qx "$target" || echo "$file: nothing builds $target"
	done
done | rule "each image that is built is a target, and each target is built"

for image in $(built_of "${dockerfiles[0]}"); do
	for line in 'registry: localhost/shop' "repository: $image"; do
		grep -qx "  $line" "helm/$image/values.yaml" || echo "helm/$image/values.yaml: no $line"
	done
done | rule "the charts' images are those that make images builds"

{
	named=$(grep -ohE 'registry: localhost/shop, repository: [a-z]+' helm/shop/values-local.yaml | sed 's/.* //')
	[ -n "$named" ] || echo "helm/shop/values-local.yaml: names none"
	grep -vxF "$(built_of "${dockerfiles[1]}")" <<<"$named" | sed 's#$#: not built by make images-local#'
} | rule "values-local.yaml names what make images-local builds"

version=$(sed -n 's/^appVersion: "\(.*\)"$/\1/p' helm/shop/Chart.yaml)
{
	for chart in $(built_of "${dockerfiles[0]}"); do
		grep -qx "appVersion: \"$version\"" "helm/$chart/Chart.yaml" || echo "helm/$chart/Chart.yaml"
	done
	grep -qF "PROGRAM_VERSION \"$version\"" shared/edge/program.h || echo shared/edge/program.h
	grep -qx "  version: $version" openapi.yaml || echo openapi.yaml
} | rule "charts, programs and interface are of one version"

done_rules
