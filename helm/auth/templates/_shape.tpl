{{- define "auth.shape" -}}
{{- $own := default (include "common.name" .) .Values.existingSecret -}}
{{- $database := default (printf "%s-auth" (include "common.fellow" (dict "root" . "chart" "postgresql"))) .Values.database.existingSecret -}}
{{- $broker := default (include "common.fellow" (dict "root" . "chart" "rabbitmq")) .Values.broker.existingSecret -}}
program: /usr/lib/shop/auth.fcgi
port: 8081
# All but the relay of events goes on without the broker.
ready: /readyz?exclude=rabbitmq
settings:
  PUBLIC_URL: {{ required "global.publicUrl is needed: the shop's address as its users see it, https://shop.example.org" .Values.global.publicUrl }}
  TRUSTED_PROXIES: {{ .Values.global.trustedProxies | quote }}
secrets:
  - {setting: DATABASE_URL, secret: {{ $database }}, key: app-url}
  - {setting: AMQP_URL, secret: {{ $broker }}, key: {{ .Values.broker.key }}}
  - {setting: PASSWORD_PEPPER, secret: {{ $own }}, key: PASSWORD_PEPPER}
  - {setting: CURSOR_SECRET, secret: {{ $own }}, key: CURSOR_SECRET}
keysSecret: {{ default (printf "%s-keys" (include "common.name" .)) .Values.keysSecret }}
migration:
  secrets:
    - {setting: DATABASE_OWNER_URL, secret: {{ $database }}, key: owner-url}
callers: [items, notifications, gateway]
public: true
calls: []
{{- end -}}
