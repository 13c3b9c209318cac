{{- define "notifier.shape" -}}
{{- $database := default (printf "%s-notifier" (include "common.fellow" (dict "root" . "chart" "postgresql"))) .Values.database.existingSecret -}}
{{- $broker := default (include "common.fellow" (dict "root" . "chart" "rabbitmq")) .Values.broker.existingSecret -}}
program: /usr/lib/shop/notifier
port: 8084
ready: /readyz
settings:
  PUBLIC_URL: {{ required "global.publicUrl is needed: the shop's address as its users see it, https://shop.example.org" .Values.global.publicUrl }}
  MAIL_FROM: {{ .Values.mailFrom | quote }}
  HEALTH_ADDRESS: 0.0.0.0:8084
  # The role of notifications.fcgi, which owns nothing.
  DATABASE_API_ROLE: notifier_api
secrets:
  - {setting: DATABASE_URL, secret: {{ $database }}, key: app-url}
  - {setting: AMQP_URL, secret: {{ $broker }}, key: {{ .Values.broker.key }}}
  - {setting: SMTP_URL, secret: {{ default (include "common.name" .) .Values.smtp.existingSecret }}, key: url}
queues:
  secret: {{ $broker }}
  key: {{ .Values.broker.key }}
  names: [notifier.account, notifier.shop]
migration:
  secrets:
    - {setting: DATABASE_OWNER_URL, secret: {{ $database }}, key: owner-url}
callers: []
public: false
calls: []
{{- end -}}
