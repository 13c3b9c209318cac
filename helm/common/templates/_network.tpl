{{/*
Network policies: the umbrella denies everything to everybody, and each chart allows the edges that it
knows of. Policies add up: that a service may reach a store is said by the store's chart, which alone
knows where it stands.
*/}}
{{- define "common.dnsEgress" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
  ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
{{- end -}}

{{/* Pods of the shop by their charts' names: (list "auth" "items") */}}
{{- define "common.podsOf" -}}
podSelector:
  matchLabels:
    app.kubernetes.io/part-of: shop
  matchExpressions:
    - {key: app.kubernetes.io/name, operator: In, values: [{{ join ", " . }}]}
{{- end -}}

{{- define "common.networkPolicy" -}}
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
        {{- with .shape.callers }}
        - {{ include "common.podsOf" . | nindent 10 | trim }}
        {{- end }}
        {{- if .shape.public }}
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: {{ .root.Values.global.ingressNamespace }}
        {{- with .root.Values.networkPolicy.ingressFrom }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- end }}
        {{- toYaml .root.Values.networkPolicy.monitoringFrom | nindent 8 }}
      ports:
        - port: {{ .shape.port }}
  egress:
    {{- include "common.dnsEgress" . | nindent 4 }}
    {{- range .shape.calls }}
    - to:
        - {{ include "common.podsOf" (list .chart) | nindent 10 | trim }}
      ports:
        - port: {{ .port }}
    {{- end }}
    {{- with .root.Values.networkPolicy.egress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
