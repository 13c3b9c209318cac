{{/*
Everything of a service. Its chart says in a shape what is its own:

  program      the program in the image
  port         where it serves, is asked for its health and shows its metrics
  ready        the path that readiness asks
  settings     its ConfigMap
  secrets      [{setting, secret, key}]: files, told by NAME_FILE
  keysSecret   a Secret whose files are signing keys
  migration    {secrets}: what its --migrate needs besides
  callers      the charts whose pods may call it
  public       whether the Ingress may call it
  calls        [{chart, port}]: the services that it calls
*/}}
{{- define "common.service.all" -}}
{{- include "common.checkSecrets" . -}}
{{- $parts := list "serviceAccount" "configMap" "deployment" "service" "podDisruptionBudget" "networkPolicy" -}}
{{- if .shape.migration }}{{ $parts = append $parts "migration" }}{{ end -}}
{{- $values := .root.Values -}}
{{- if (.root.Values.keda).enabled }}{{ $parts = append $parts "scaledObject" }}
{{- else if $values.autoscaling.enabled }}{{ $parts = append $parts "horizontalPodAutoscaler" }}{{ end -}}
{{- if $values.serviceMonitor.enabled }}{{ $parts = append $parts "serviceMonitor" }}{{ end -}}
{{- if $values.podMonitor.enabled }}{{ $parts = append $parts "podMonitor" }}{{ end -}}
{{- range append $parts "test" }}
---
{{ include (printf "common.%s" .) $ }}
{{- end }}
{{- end -}}

{{- define "common.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "common.metadata" . | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}

{{- define "common.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "common.metadata" . | nindent 2 }}
data:
  {{- include "common.settings" . | trim | nindent 2 }}
{{- end -}}

{{- define "common.service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "common.metadata" . | nindent 2 }}
    app.kubernetes.io/component: server
spec:
  type: ClusterIP
  selector:
    {{- include "common.serving" .root | nindent 4 }}
  ports:
    - name: http
      port: {{ .shape.port }}
      targetPort: http
{{- end -}}

{{- define "common.podDisruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "common.serving" .root | nindent 6 }}
{{- end -}}

{{- define "common.horizontalPodAutoscaler" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "common.metadata" . | nindent 2 }}
  {{- if hasKey .root.Values "keda" }}
  annotations:
    # Helm makes the ScaledObject before it removes this one in whose place it comes.
    validations.keda.sh/hpa-ownership: "false"
  {{- end }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "common.name" .root }}
  minReplicas: {{ .root.Values.autoscaling.minReplicas }}
  maxReplicas: {{ .root.Values.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ .root.Values.autoscaling.targetCPU }}
{{- end -}}

{{/* By the length of the notifier's queues. */}}
{{- define "common.scaledObject" -}}
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  secretTargetRef:
    - parameter: host
      name: {{ .shape.queues.secret }}
      key: {{ .shape.queues.key }}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    name: {{ include "common.name" .root }}
  minReplicaCount: {{ .root.Values.autoscaling.minReplicas }}
  maxReplicaCount: {{ .root.Values.autoscaling.maxReplicas }}
  triggers:
    {{- range .shape.queues.names }}
    - type: rabbitmq
      metadata:
        protocol: amqp
        queueName: {{ . }}
        mode: QueueLength
        value: {{ $.root.Values.keda.queueLength | quote }}
      authenticationRef:
        name: {{ include "common.name" $.root }}
    {{- end }}
{{- end -}}

{{- define "common.serviceMonitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "common.metadata" . | nindent 2 }}
    {{- with .root.Values.serviceMonitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "common.serving" .root | nindent 6 }}
  endpoints:
    - port: http
      path: /metrics
      interval: {{ .root.Values.serviceMonitor.interval }}
{{- end -}}

{{- define "common.podMonitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  {{- include "common.metadata" . | nindent 2 }}
    {{- with .root.Values.podMonitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "common.serving" .root | nindent 6 }}
  podMetricsEndpoints:
    - port: http
      path: /metrics
      interval: {{ .root.Values.podMonitor.interval }}
{{- end -}}
