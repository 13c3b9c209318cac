{{- define "notifications.shape" -}}
{{- $own := default (include "common.name" .) .Values.existingSecret -}}
{{- $database := default (printf "%s-notifier" (include "common.fellow" (dict "root" . "chart" "postgresql"))) .Values.database.existingSecret -}}
program: /usr/lib/shop/notifications.fcgi
port: 8083
ready: /readyz
settings:
  PUBLIC_URL: {{ required "global.publicUrl is needed: the shop's address as its users see it, https://shop.example.org" .Values.global.publicUrl }}
  TRUSTED_PROXIES: {{ .Values.global.trustedProxies | quote }}
  AUTH_URL: {{ default (printf "http://%s:8081" (include "common.fellow" (dict "root" . "chart" "auth"))) .Values.auth.url }}
secrets:
  - {setting: DATABASE_URL, secret: {{ $database }}, key: api-url}
  - {setting: CURSOR_SECRET, secret: {{ $own }}, key: CURSOR_SECRET}
callers: [gateway]
public: true
calls:
  - {chart: auth, port: 8081}
{{- end -}}
