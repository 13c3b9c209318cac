#!/bin/bash
# Is everything there that setup.sh gave, and does it answer to the one who writes?
set -euo pipefail
umask 077
printf 'user = "elastic:%s"\n' "$(sed 's/[\\"]/\\&/g' "$SECRETS/elastic")" >/tmp/elastic
printf 'user = "shop-logs-writer:%s"\n' "$(sed 's/[\\"]/\\&/g' "$SECRETS/writer")" >/tmp/writer
ask() { # WHO URL
	echo "$2"
	curl --config "/tmp/$1" --silent --show-error --fail-with-body --max-time 30 "$2"
	echo
}
ask elastic "$ELASTICSEARCH_URL/_cluster/health?wait_for_status=yellow&timeout=10s"
ask elastic "$ELASTICSEARCH_URL/_ilm/policy/shop-logs"
ask elastic "$ELASTICSEARCH_URL/_index_template/shop-logs"
ask writer "$ELASTICSEARCH_URL/"
[ -z "$KIBANA_URL" ] || ask elastic "$KIBANA_URL/api/data_views/data_view/shop-logs"
