{{/*
What the bundled stores share. (dict "root" . "port" N "portName" "x" "clients" LIST)
*/}}
{{- define "common.store.services" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  type: ClusterIP
  selector:
    {{- include "common.serving" .root | nindent 4 }}
  ports:
    - name: {{ .portName }}
      port: {{ .port }}
      targetPort: {{ .portName }}
---
# Gives each pod a name of its own, also before it is ready: members of one cluster meet by it.
apiVersion: v1
kind: Service
metadata:
  {{- include "common.metadata" (merge (dict "suffix" "-pods") .) | nindent 2 }}
spec:
  type: ClusterIP
  clusterIP: None
  publishNotReadyAddresses: true
  selector:
    {{- include "common.serving" .root | nindent 4 }}
  ports:
    - name: {{ .portName }}
      port: {{ .port }}
      targetPort: {{ .portName }}
---
{{ include "common.serviceAccount" . }}
---
{{ include "common.podDisruptionBudget" . }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "common.identity" .root | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - {{ include "common.podsOf" .clients | nindent 10 | trim }}
        {{- with .root.Values.clientsFrom }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        - port: {{ .port }}
    {{- with .memberPorts }}
    - from:
        - podSelector:
            matchLabels:
              {{- include "common.identity" $.root | nindent 14 }}
      ports:
        {{- range . }}
        - port: {{ . }}
        {{- end }}
    {{- end }}
  egress:
    {{- include "common.dnsEgress" . | nindent 4 }}
    {{- with .memberPorts }}
    - to:
        - podSelector:
            matchLabels:
              {{- include "common.identity" $.root | nindent 14 }}
      ports:
        {{- range . }}
        - port: {{ . }}
        {{- end }}
    {{- end }}
{{- end -}}

{{/* The beginning of a StatefulSet, up to its containers. "parallel": its pods start at once. */}}
{{- define "common.store.statefulSet" -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  replicas: {{ .root.Values.replicas }}
  serviceName: {{ include "common.name" .root }}-pods
  revisionHistoryLimit: 3
  {{- if .parallel }}
  podManagementPolicy: Parallel
  {{- end }}
  selector:
    matchLabels:
      {{- include "common.serving" .root | nindent 6 }}
  persistentVolumeClaimRetentionPolicy:
    whenDeleted: Retain
    whenScaled: Retain
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .root.Values.storage.className }}
        storageClassName: {{ . }}
        {{- end }}
        resources:
          requests:
            storage: {{ .root.Values.storage.size }}
  template:
    metadata:
      labels:
        {{- include "common.labels" .root | nindent 8 }}
        app.kubernetes.io/component: server
      annotations:
        # The images' own users have low numbers, and their folders belong to them.
        kube-score/ignore: {{ join "," (prepend (default list .ignored) "container-security-context-user-group-id") }}
    spec:
      serviceAccountName: {{ include "common.name" .root }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 60
      securityContext:
        {{- include "common.podSecurity" (dict "user" .root.Values.user) | nindent 8 }}
      {{- with include "common.placing" . | trim }}{{ . | nindent 6 }}{{ end }}
      {{- include "common.spread" . | nindent 6 }}
{{- end -}}

{{/* The edge from clients to a store, wherever it stands: (dict "root" "clients" "ports" "labels") */}}
{{- define "common.store.edge" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "common.metadata" (merge (dict "suffix" "-clients") .) | nindent 2 }}
  annotations:
    # They may be of another release.
    kube-score/ignore: networkpolicy-targets-pod
spec:
  {{- include "common.podsOf" .clients | nindent 2 }}
  policyTypes: [Egress]
  egress:
    - to:
        {{- if eq .root.Values.mode "external" }}
        {{- range required "external.networks is needed: where the server stands" .root.Values.external.networks }}
        - ipBlock: {cidr: {{ . }}}
        {{- end }}
        {{- else if eq .root.Values.mode "operator" }}
        - podSelector:
            matchLabels:
              shop/store: {{ .root.Chart.Name }}
        {{- else }}
        - podSelector:
            matchLabels:
              {{- include "common.identity" .root | nindent 14 }}
        {{- end }}
      ports:
        {{- range ternary .root.Values.external.ports (list .port) (eq .root.Values.mode "external") }}
        - port: {{ . }}
        {{- end }}
{{- if eq .root.Values.mode "operator" }}
---
# The operator's pods: its clients reach them, and they and the operator each other.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "common.metadata" (merge (dict "suffix" "-operator") .) | nindent 2 }}
  annotations:
    # They are made by the operator.
    kube-score/ignore: networkpolicy-targets-pod
spec:
  podSelector:
    matchLabels:
      shop/store: {{ .root.Chart.Name }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - {{ include "common.podsOf" .clients | nindent 10 | trim }}
        {{- with .root.Values.clientsFrom }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        - port: {{ .port }}
    - from:
        - podSelector:
            matchLabels:
              shop/store: {{ .root.Chart.Name }}
        {{- toYaml .root.Values.operator.namespaces | nindent 8 }}
  # To its fellows, the name service and the API server.
  egress:
    - {}
{{- end }}
{{- end -}}
