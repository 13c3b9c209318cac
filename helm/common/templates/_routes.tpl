{{/*
The public paths, for an Ingress, an HTTPRoute and the chart gateway alike; the longest prefix decides. Ended sessions
are auth's and its fellows' own affair: from outside they lead to notifications, which knows no such path.
*/}}
{{- define "common.routes" -}}
- {path: /auth, chart: auth, port: 8081}
- {path: /auth/revoked, chart: notifications, port: 8083}
# Where mails link to.
- {path: /verify-email, chart: auth, port: 8081}
- {path: /reset-password, chart: auth, port: 8081}
- {path: /link-pages, chart: auth, port: 8081}
- {path: /item, chart: items, port: 8082}
- {path: /buy, chart: items, port: 8082}
- {path: /order, chart: items, port: 8082}
- {path: /sale, chart: items, port: 8082}
- {path: /category, chart: items, port: 8082}
- {path: /stats, chart: items, port: 8082}
- {path: /problems, chart: items, port: 8082}
- {path: /webhook, chart: notifications, port: 8083}
- {path: /notification, chart: notifications, port: 8083}
{{- end -}}

{{- define "common.ingress" -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  {{- include "common.metadata" . | nindent 2 }}
  {{- with .root.Values.ingress.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .root.Values.ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- with .root.Values.ingress.tlsSecret }}
  tls:
    - secretName: {{ . }}
      hosts: [{{ $.host | quote }}]
  {{- end }}
  rules:
    - host: {{ .host | quote }}
      http:
        paths:
          {{- range include "common.routes" . | fromYamlArray }}
          - path: {{ .path }}
            pathType: Prefix
            backend:
              service:
                name: {{ include "common.fellow" (dict "root" $.root "chart" .chart) }}
                port:
                  number: {{ .port }}
          {{- end }}
{{- end -}}

{{- define "common.httpRoute" -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  parentRefs:
    {{- if not .root.Values.httpRoute.parentRefs }}
    {{- fail "httpRoute.parentRefs is needed: the Gateways that lead to the shop, [{name: …, namespace: …}]" }}
    {{- end }}
    {{- toYaml .root.Values.httpRoute.parentRefs | nindent 4 }}
  hostnames: [{{ .host | quote }}]
  rules:
    {{- range include "common.routes" . | fromYamlArray }}
    - matches:
        - path:
            type: PathPrefix
            value: {{ .path }}
      backendRefs:
        - name: {{ include "common.fellow" (dict "root" $.root "chart" .chart) }}
          port: {{ .port }}
    {{- end }}
{{- end -}}
