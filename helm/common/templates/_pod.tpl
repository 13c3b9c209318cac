{{/*
Pods: Pod Security `restricted`, a numeric user, nothing writable but two small folders in memory.
*/}}
{{- define "common.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .user }}
runAsGroup: {{ .user }}
fsGroup: {{ .user }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "common.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: {{ .user }}
runAsGroup: {{ .user }}
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* A container that an operator makes, by its own image: what Pod Security `restricted` asks for. */}}
{{- define "common.operatedSecurity" -}}
allowPrivilegeEscalation: false
runAsNonRoot: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Where a pod may be placed. */}}
{{- define "common.placing" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/* One pod of a workload a node, and a zone, as far as there are any. */}}
{{- define "common.spread" -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "common.serving" $.root | nindent 8 }}
  {{- end }}
{{- end -}}

{{/* Settings: (dict "root" . "shape" SHAPE); what the user sets goes before. */}}
{{- define "common.settings" -}}
{{- range $name, $value := mergeOverwrite (deepCopy .shape.settings) .root.Values.settings }}
{{ $name }}: {{ $value | toString | quote }}
{{- end }}
{{- end -}}

{{/* A secret is a file, whose path the program is told by NAME_FILE: it never stands in the environment. */}}
{{- define "common.secretEnv" -}}
{{- range .secrets }}
- name: {{ .setting }}_FILE
  value: /etc/shop/secrets/{{ .setting }}
{{- end }}
{{- end -}}

{{- define "common.mounts" -}}
- name: run
  mountPath: /run/shop
- name: tmp
  mountPath: /tmp
- name: secrets
  mountPath: /etc/shop/secrets
  readOnly: true
{{- with .shape.keysSecret }}
- name: keys
  mountPath: /etc/shop/keys
  readOnly: true
{{- end }}
{{- end -}}

{{- define "common.volumes" -}}
- name: run
  emptyDir:
    medium: Memory
    sizeLimit: 1Mi
# Bodies too large for lighttpd's memory: 5 MiB each at most. On the node's disk, as memory counts
# against the pod's limit.
- name: tmp
  emptyDir:
    sizeLimit: 128Mi
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range .secrets }}
      - secret:
          name: {{ .secret }}
          items:
            - key: {{ .key }}
              path: {{ .setting }}
      {{- end }}
{{- with .shape.keysSecret }}
- name: keys
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- end -}}

{{/* A pod that runs the program once and ends: (dict "root" "shape" "component" "secrets" "arguments") */}}
{{- define "common.oncePod" -}}
metadata:
  labels:
    {{- include "common.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  {{- include "common.onceSpec" . | nindent 2 }}
{{- end -}}

{{- define "common.onceSpec" -}}
restartPolicy: {{ .restartPolicy }}
serviceAccountName: {{ include "common.name" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- include "common.podSecurity" (dict "user" 65532) | nindent 2 }}
{{- with include "common.placing" . | trim }}{{ . | nindent 0 }}{{ end }}
containers:
  - name: {{ .component }}
    image: {{ include "common.image" . | quote }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    command: [{{ .shape.program }}, {{ .argument }}]
    env:
      # Not the ConfigMap, which an upgrade has not brought yet when this runs.
      {{- range $name, $value := include "common.settings" . | fromYaml }}
      - name: {{ $name }}
        value: {{ $value | quote }}
      {{- end }}
      {{- include "common.secretEnv" . | trim | nindent 6 }}
      {{- with .shape.keysSecret }}
      - name: JWT_KEYS_DIR
        value: /etc/shop/keys
      {{- end }}
    resources:
      {{- toYaml .root.Values.resources | nindent 6 }}
    securityContext:
      {{- include "common.containerSecurity" (dict "user" 65532) | nindent 6 }}
    volumeMounts:
      {{- include "common.mounts" . | nindent 6 }}
volumes:
  {{- include "common.volumes" . | nindent 2 }}
{{- end -}}
