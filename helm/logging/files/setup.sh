#!/bin/bash
# Gives Elasticsearch what the shop's lines need: the users, the lifecycle, the template of the index; and
# Kibana its data view.  May be repeated.
#
# ELASTICSEARCH_URL; KIBANA_URL, or empty; SECRETS and FILES are folders.
set -euo pipefail
umask 077

# A password is in no argument.
printf 'user = "elastic:%s"\n' "$(sed 's/[\\"]/\\&/g' "$SECRETS/elastic")" >/tmp/curlrc
ask() { # METHOD URL [BODY]
	local arguments=(--config /tmp/curlrc --silent --show-error --fail-with-body --max-time 60)
	[ $# -lt 3 ] || arguments+=(--header 'Content-Type: application/json' --header 'kbn-xsrf: true' --data-binary "$3")
	curl "${arguments[@]}" --request "$1" "$2"
	echo
}
await() { # URL
	until ask GET "$1" >/tmp/answer 2>&1; do
		echo "waiting for $1: $(head -c 200 /tmp/answer | tr '\n' ' ')"
		sleep 5
	done
}
password() { # NAME: as a member of JSON, in a file
	printf '{"password": "%s"%s}' "$(sed 's/[\\"]/\\&/g' "$SECRETS/$1")" "${2-}" >/tmp/password
}

await "$ELASTICSEARCH_URL/_cluster/health?wait_for_status=yellow&timeout=5s"
password kibana_system
ask POST "$ELASTICSEARCH_URL/_security/user/kibana_system/_password" @/tmp/password
ask PUT "$ELASTICSEARCH_URL/_security/role/shop-logs-writer" \
	'{"cluster": ["monitor"], "indices": [{"names": ["shop-logs*"], "privileges": ["create_doc", "auto_configure"]}]}'
password writer ', "roles": ["shop-logs-writer"]'
ask PUT "$ELASTICSEARCH_URL/_security/user/shop-logs-writer" @/tmp/password
ask PUT "$ELASTICSEARCH_URL/_ilm/policy/shop-logs" "@$FILES/lifecycle.json"
ask PUT "$ELASTICSEARCH_URL/_index_template/shop-logs" "@$FILES/index-template.json"
if [ -n "$KIBANA_URL" ]; then
	await "$KIBANA_URL/api/status"
	ask POST "$KIBANA_URL/api/data_views/data_view" \
		'{"override": true, "data_view": {"id": "shop-logs", "name": "Shop", "title": "shop-logs*", "timeFieldName": "@timestamp"}}'
fi
