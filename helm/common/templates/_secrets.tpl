{{/*
Secrets that are made once. A value is taken from the Secret that stands in the cluster, and made where
none does; `keep` leaves the Secret at `helm uninstall`, so that kept volumes can be read again.
`helm template` sees no cluster: whoever renders elsewhere gives existingSecret.
*/}}
{{- define "common.kept" -}}
annotations:
  helm.sh/resource-policy: keep
{{- end -}}

{{/* (dict "root" . "secret" NAME "key" KEY "bytes" 32): the value that stands, or a new random one. */}}
{{- define "common.secretValue" -}}
{{- $standing := (lookup "v1" "Secret" .root.Release.Namespace .secret).data | default dict -}}
{{- if hasKey $standing .key -}}
{{- get $standing .key | b64dec -}}
{{- else if (.root.Values.global).exampleSecrets -}}
EXAMPLE-{{ .key }}
{{- else -}}
{{- randAlphaNum (default 40 .length | int) -}}
{{- end -}}
{{- end -}}

{{/* The same for a P-256 private key in PEM. */}}
{{- define "common.secretKey" -}}
{{- $standing := (lookup "v1" "Secret" .root.Release.Namespace .secret).data | default dict -}}
{{- if hasKey $standing .key -}}
{{- get $standing .key | b64dec -}}
{{- else if (.root.Values.global).exampleSecrets -}}
EXAMPLE-{{ .key }}
{{- else -}}
{{- genPrivateKey "ecdsa" -}}
{{- end -}}
{{- end -}}

{{/* (dict "root" . "name" SECRET "externalSecret" VALUES): fetched from a store of the user's. */}}
{{- define "common.externalSecret" -}}
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "common.labels" .root | nindent 4 }}
spec:
  refreshInterval: {{ .externalSecret.refreshInterval }}
  secretStoreRef:
    name: {{ required "externalSecret.store.name is needed: the SecretStore to read from" .externalSecret.store.name }}
    kind: {{ .externalSecret.store.kind }}
  target:
    name: {{ .name }}
  dataFrom:
    - extract:
        key: {{ default .name .externalSecret.key }}
{{- end -}}

{{/*
A service's own Secret, unless existingSecret names one: (dict "root" . "keys" (list "CURSOR_SECRET"))
*/}}
{{- define "common.ownSecret" -}}
{{- if not .root.Values.existingSecret -}}
{{- $name := include "common.name" .root -}}
{{- if .root.Values.externalSecret.enabled -}}
{{- include "common.externalSecret" (dict "root" .root "name" $name "externalSecret" .root.Values.externalSecret) }}
{{- else -}}
apiVersion: v1
kind: Secret
metadata:
  {{- include "common.metadata" . | nindent 2 }}
  {{- include "common.kept" . | nindent 2 }}
type: Opaque
stringData:
  {{- range .keys }}
  {{ . }}: {{ include "common.secretValue" (dict "root" $.root "secret" $name "key" .) | quote }}
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
A Secret that the user names must be there, with the key that is read: else nothing is installed. Not
asked of the broker's, which an operator makes after the installation. Every namespace has the
ServiceAccount `default`: who does not see it renders without a cluster. (dict "root" . "shape" SHAPE)
*/}}
{{- define "common.checkSecrets" -}}
{{- $values := .root.Values -}}
{{- $namespace := .root.Release.Namespace -}}
{{- $given := compact (list $values.existingSecret ($values.database).existingSecret ($values.smtp).existingSecret) -}}
{{- if and $given (lookup "v1" "ServiceAccount" $namespace "default") -}}
{{- range .shape.secrets -}}
{{- if has .secret $given -}}
{{- $there := lookup "v1" "Secret" $namespace .secret -}}
{{- if not $there -}}
{{- fail (printf "there is no Secret %s in the namespace %s, from which %s would be read" .secret $namespace .setting) -}}
{{- else if not (hasKey ($there.data | default dict) .key) -}}
{{- fail (printf "the Secret %s has no key %s, from which %s would be read" .secret .key .setting) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
