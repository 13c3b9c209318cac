{{- define "items.shape" -}}
{{- $own := default (include "common.name" .) .Values.existingSecret -}}
{{- $database := default (include "common.fellow" (dict "root" . "chart" "mongodb")) .Values.database.existingSecret -}}
{{- $broker := default (include "common.fellow" (dict "root" . "chart" "rabbitmq")) .Values.broker.existingSecret -}}
program: /usr/lib/shop/items.fcgi
port: 8082
# All but the relay of events goes on without the broker.
ready: /readyz?exclude=rabbitmq
settings:
  PUBLIC_URL: {{ required "global.publicUrl is needed: the shop's address as its users see it, https://shop.example.org" .Values.global.publicUrl }}
  TRUSTED_PROXIES: {{ .Values.global.trustedProxies | quote }}
  AUTH_URL: {{ default (printf "http://%s:8081" (include "common.fellow" (dict "root" . "chart" "auth"))) .Values.auth.url }}
  MONGODB_DATABASE: {{ .Values.database.name }}
secrets:
  - {setting: MONGODB_URI, secret: {{ $database }}, key: uri}
  - {setting: AMQP_URL, secret: {{ $broker }}, key: {{ .Values.broker.key }}}
  - {setting: CURSOR_SECRET, secret: {{ $own }}, key: CURSOR_SECRET}
migration:
  secrets: []
callers: [gateway]
public: true
calls:
  - {chart: auth, port: 8081}
{{- end -}}
