{{- define "postgresql.roles" -}}
- {role: auth_owner, database: auth, key: owner-url}
- {role: auth_app, database: auth, key: app-url}
- {role: notifier_owner, database: notifier, key: owner-url}
- {role: notifier_app, database: notifier, key: app-url}
- {role: notifier_api, database: notifier, key: api-url}
{{- end -}}

{{- define "postgresql.secret" -}}
{{- default (include "common.name" .) .Values.existingSecret -}}
{{- end -}}
