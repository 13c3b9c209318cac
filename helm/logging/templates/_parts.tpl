{{/*
The chart's parts are to the library what a chart of their own would be: (dict "root" . "part" "fluent-bit")
gives such a root, as YAML.
*/}}
{{- define "logging.part" -}}
{{- $values := get .root.Values (camelcase (replace "-" "_" .part) | untitle) -}}
Chart:
  Name: {{ .part }}
  Version: {{ .root.Chart.Version }}
  AppVersion: {{ $values.image.tag | quote }}
Release:
  Name: {{ .root.Release.Name }}
  Namespace: {{ .root.Release.Namespace }}
  Service: {{ .root.Release.Service }}
Values:
  {{- toYaml (merge (dict "imagePullSecrets" .root.Values.imagePullSecrets) $values) | nindent 2 }}
{{- end -}}

{{/* Where Elasticsearch answers. */}}
{{- define "logging.url" -}}
{{- if .Values.elasticsearch.enabled -}}
http://{{ include "common.fellow" (dict "root" . "chart" "elasticsearch") }}:9200
{{- else -}}
{{- $why := "elasticsearch.external.url is needed, as elasticsearch.enabled is false: https://elastic.example.org:9243" -}}
{{ required $why .Values.elasticsearch.external.url }}
{{- end -}}
{{- end -}}

{{- define "logging.port" -}}
{{- $url := urlParse (include "logging.url" .) -}}
{{- if contains ":" $url.host -}}
{{- regexReplaceAll "^.*:" $url.host "" -}}
{{- else -}}
{{- ternary "443" "80" (eq $url.scheme "https") -}}
{{- end -}}
{{- end -}}

{{/* The edge to Elasticsearch, as rules of a policy's egress. */}}
{{- define "logging.toElasticsearch" -}}
- to:
    {{- if .Values.elasticsearch.enabled }}
    - {{ include "common.podsOf" (list "elasticsearch") | nindent 6 | trim }}
    {{- else }}
    {{- range required "elasticsearch.external.networks is needed: where the server stands" .Values.elasticsearch.external.networks }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
    {{- end }}
  ports:
    - port: {{ include "logging.port" . }}
{{- end -}}

{{- define "logging.secret" -}}
{{- if not (or .Values.elasticsearch.enabled .Values.existingSecret) -}}
{{- fail "existingSecret is needed, as Elasticsearch stands elsewhere: its passwords can't be made here" -}}
{{- end -}}
{{- default (include "common.name" .) .Values.existingSecret -}}
{{- end -}}

{{/* One of the passwords as a variable of the environment: (dict "root" . "name" NAME "key" KEY) */}}
{{- define "logging.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ include "logging.secret" .root }}
      key: {{ .key }}
{{- end -}}

{{/* A pod that asks Elasticsearch and Kibana something, once: (dict "root" . "part" ROOT "component" "setup") */}}
{{- define "logging.oncePod" -}}
serviceAccountName: {{ include "common.name" .part }}
automountServiceAccountToken: false
enableServiceLinks: false
restartPolicy: {{ .restartPolicy }}
securityContext:
  {{- include "common.podSecurity" (dict "user" 65532) | nindent 2 }}
{{- with include "common.placing" (dict "root" .part) | trim }}{{ . | nindent 0 }}{{ end }}
containers:
  - name: {{ .component }}
    # It has bash and curl.
    image: {{ include "common.image" (dict "root" (include "logging.part" (dict "root" .root "part" "elasticsearch") | fromYaml)) | quote }}
    imagePullPolicy: {{ .root.Values.elasticsearch.image.pullPolicy }}
    command: [bash, /etc/logging/files/{{ .component }}.sh]
    env:
      - {name: ELASTICSEARCH_URL, value: {{ include "logging.url" .root | quote }}}
      - name: KIBANA_URL
        value: {{ if .root.Values.kibana.enabled }}http://{{ include "common.fellow" (dict "root" .root "chart" "kibana") }}:5601{{ else }}""{{ end }}
      - {name: SECRETS, value: /etc/logging/secrets}
      - {name: FILES, value: /etc/logging/files}
    resources:
      requests: {cpu: 10m, memory: 32Mi, ephemeral-storage: 1Mi}
      limits: {memory: 64Mi, ephemeral-storage: 16Mi}
    securityContext:
      {{- include "common.containerSecurity" (dict "user" 65532) | nindent 6 }}
    volumeMounts:
      - {name: files, mountPath: /etc/logging/files, readOnly: true}
      - {name: secrets, mountPath: /etc/logging/secrets, readOnly: true}
      - {name: tmp, mountPath: /tmp}
volumes:
  - name: files
    configMap:
      name: {{ include "common.name" .part }}
  - name: secrets
    secret:
      secretName: {{ include "logging.secret" .root }}
      defaultMode: 0440
  - name: tmp
    emptyDir: {medium: Memory, sizeLimit: 1Mi}
{{- end -}}
