{{/*
Names and labels. Every template takes the chart's root context, or a dict with "root" and "shape":
the shape is what a chart says of its service (port, settings, secrets), see _service.tpl.
*/}}
{{- define "common.name" -}}
{{- if eq .Release.Name .Chart.Name -}}
{{- .Release.Name -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 53 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The name of a fellow chart's resources: (dict "root" . "chart" "auth") */}}
{{- define "common.fellow" -}}
{{- printf "%s-%s" .root.Release.Name .chart | trunc 53 | trimSuffix "-" -}}
{{- end -}}

{{/* What selects the pods of a chart, whatever they do. */}}
{{- define "common.identity" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* What selects those that serve, and not those of a Job or of a test. */}}
{{- define "common.serving" -}}
{{ include "common.identity" . }}
app.kubernetes.io/component: server
{{- end -}}

{{- define "common.labels" -}}
{{ include "common.identity" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: shop
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The beginning of every resource's metadata: (dict "root" . "suffix" "-x") */}}
{{- define "common.metadata" -}}
name: {{ include "common.name" .root }}{{ .suffix }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "common.labels" .root | nindent 2 }}
{{- end -}}

{{/* image: {registry, repository, tag, digest}; global.registry takes the place of localhost/shop. */}}
{{- define "common.image" -}}
{{- $image := .root.Values.image -}}
{{- $registry := $image.registry -}}
{{- if eq "localhost/shop" $registry }}{{ $registry = default $registry (.root.Values.global).registry }}{{ end -}}
{{- $registry }}/{{ $image.repository }}:{{ default .root.Chart.AppVersion $image.tag }}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* The Secret of a chart: the user's own, or the one that the chart makes. (dict "given" "" "name" "") */}}
{{- define "common.secretName" -}}
{{- default .name .given -}}
{{- end -}}
