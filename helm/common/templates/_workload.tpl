{{- define "common.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  {{- if not (or .root.Values.autoscaling.enabled (.root.Values.keda).enabled) }}
  replicas: {{ .root.Values.replicas }}
  {{- end }}
  {{- include "common.rollout" . | nindent 2 }}
  template:
    metadata:
      labels:
        {{- include "common.labels" .root | nindent 8 }}
        app.kubernetes.io/component: server
      annotations:
        checksum/settings: {{ include "common.settings" . | sha256sum }}
        {{- with .root.Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "common.name" .root }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      # Longer than the pause and lighttpd's or the notifier's own limit together.
      terminationGracePeriodSeconds: 40
      securityContext:
        {{- include "common.podSecurity" (dict "user" 65532) | nindent 8 }}
      {{- with include "common.placing" . | trim }}{{ . | nindent 6 }}{{ end }}
      {{- include "common.spread" . | nindent 6 }}
      containers:
        - name: {{ .root.Chart.Name }}
          image: {{ include "common.image" . | quote }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          envFrom:
            - configMapRef:
                name: {{ include "common.name" .root }}
          env:
            {{- include "common.secretEnv" (dict "secrets" .shape.secrets) | trim | nindent 12 }}
            {{- with .shape.keysSecret }}
            - name: JWT_KEYS_DIR
              value: /etc/shop/keys
            {{- end }}
          ports:
            - name: http
              containerPort: {{ .shape.port }}
          {{- include "common.probes" (dict "port" "http" "ready" .shape.ready) | nindent 10 }}
          {{- include "common.farewell" . | nindent 10 }}
          resources:
            {{- toYaml .root.Values.resources | nindent 12 }}
          securityContext:
            {{- include "common.containerSecurity" (dict "user" 65532) | nindent 12 }}
          volumeMounts:
            {{- include "common.mounts" . | nindent 12 }}
      volumes:
        {{- include "common.volumes" (dict "shape" .shape "secrets" .shape.secrets) | nindent 8 }}
{{- end -}}

{{- define "common.rollout" -}}
revisionHistoryLimit: 3
selector:
  matchLabels:
    {{- include "common.serving" .root | nindent 4 }}
# A new pod is ready before an old one goes: a rollout never serves with fewer.
strategy:
  type: RollingUpdate
  rollingUpdate:
    maxSurge: 1
    maxUnavailable: 0
{{- end -}}

{{- define "common.farewell" -}}
lifecycle:
  preStop:
    # Until every node has forgotten the pod's address; it serves meanwhile.
    sleep:
      seconds: 8
{{- end -}}

{{/*
Start-up and liveness ask the program alone: a store that is away must not restart it. Readiness asks
its stores, too, with what the shape leaves out. (dict "port" NAME "ready" PATH)
*/}}
{{- define "common.probes" -}}
startupProbe:
  httpGet:
    path: /healthz
    port: {{ .port }}
  periodSeconds: 1
  timeoutSeconds: 1
  failureThreshold: 60
livenessProbe:
  httpGet:
    path: /healthz
    port: {{ .port }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet:
    path: {{ .ready | quote }}
    port: {{ .port }}
  periodSeconds: 3
  timeoutSeconds: 5
  failureThreshold: 2
{{- end -}}

{{/*
The schema is brought up to date by an ordinary Job at the first installation, as the bundled stores
come with it and the pods are not of use before, and by a hook before an upgrade's new pods come.
*/}}
{{- define "common.migration" -}}
{{- $secrets := concat .shape.secrets .shape.migration.secrets }}
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "common.metadata" (merge (dict "suffix" (printf "-migrate-%d" .root.Release.Revision)) .) | nindent 2 }}
  {{- if .root.Release.IsUpgrade }}
  annotations:
    helm.sh/hook: pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
  {{- end }}
spec:
  # The bundled stores may take a while to come: each try waits for them as long as a request would.
  backoffLimit: 12
  activeDeadlineSeconds: 900
  ttlSecondsAfterFinished: 86400
  template:
    {{- include "common.oncePod" (dict "root" .root "shape" .shape "component" "migrate" "secrets" $secrets "argument" "--migrate" "restartPolicy" "OnFailure") | nindent 4 }}
{{- end -}}

{{/* helm test: the program tries its settings and every connection. */}}
{{- define "common.test" -}}
apiVersion: v1
kind: Pod
metadata:
  {{- include "common.metadata" (merge (dict "suffix" "-test") .) | nindent 2 }}
    app.kubernetes.io/component: test
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  {{- include "common.onceSpec" (dict "root" .root "shape" .shape "component" "test" "secrets" .shape.secrets "argument" "--check" "restartPolicy" "Never") | nindent 2 }}
{{- end -}}
