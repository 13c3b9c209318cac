{{/*
What HAProxy does: it finds the service by the path's first segments, and leaves everything else, refusals
of unknown paths among it, to the services. A connection to a service serves one request: so each goes to
a pod that is ready now, and none is lost with a pod that goes.
*/}}
{{- define "gateway.configuration" -}}
{{- $routes := include "common.routes" . | fromYamlArray }}
{{- $domain := printf "%s.svc.cluster.local" .Release.Namespace }}
global
  maxconn {{ .Values.maxConnections }}
  # A header of 16 KiB is the services' own limit.
  tune.bufsize 24576
  hard-stop-after 25s

defaults
  mode http
  option http-server-close
  http-reuse never
  # What comes on a connection while it stops is answered.
  option idle-close-on-response
  retries 3
  option redispatch
  timeout connect 2s
  timeout client 65s
  timeout server 65s
  timeout http-request 20s
  timeout http-keep-alive 60s
  {{- range include "gateway.refusals" . | fromYamlArray }}
  http-error status {{ .status }} content-type application/problem+json string {{ printf "{\"type\":\"/problems/%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\",\"code\":\"%s\"}" .code .title (int .status) .detail .code | squote }} hdr Cache-Control no-store{{ with .retry }} hdr Retry-After {{ . }}{{ end }}
  {{- end }}

# Services keep their addresses, and may be made anew.
resolvers cluster
  parse-resolv-conf
  accepted_payload_size 8192
  hold valid 5s

frontend shop
  bind :8080
  option forwardfor
  # As the services read it: an encoded letter is that letter.
  http-request set-var(txn.path) path,url_dec
  {{- /* The longest path first. */}}
  {{- $sorted := dict }}
  {{- range $routes }}
  {{- $_ := set $sorted (printf "%04d%s" (sub 1000 (len .path)) .path) . }}
  {{- end }}
  {{- range $key := keys $sorted | sortAlpha }}
  {{- $route := get $sorted $key }}
  use_backend {{ $route.chart }} if { var(txn.path) -m str {{ $route.path }} } || { var(txn.path) -m beg {{ $route.path }}/ }
  {{- end }}
  # It knows none of the other paths, and says so as the services do.
  default_backend notifications
{{ range list "auth" "items" "notifications" }}
{{- $chart := . }}
{{- $port := 0 }}
{{- range $routes }}{{ if eq .chart $chart }}{{ $port = int .port }}{{ end }}{{ end }}
backend {{ $chart }}
  server {{ $chart }} {{ include "common.fellow" (dict "root" $ "chart" $chart) }}.{{ $domain }}:{{ $port }} resolvers cluster init-addr last,libc,none
{{ end }}
# For probes and for Prometheus, not for clients.
frontend health
  bind :8404
  http-request return status 200 if { path /healthz }
  http-request return status 503 if { path /readyz } { stopping }
  http-request return status 200 if { path /readyz }
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 404
{{- end -}}

{{/* What HAProxy answers by itself, as lighttpd does. */}}
{{- define "gateway.refusals" -}}
- {status: 400, code: malformed_request, title: The request is malformed, detail: "The request line, a header or the path is not valid HTTP."}
- {status: 408, code: timeout, title: The service did not answer in time, detail: The request did not arrive in time.}
- {status: 502, code: internal, title: Internal error, detail: The service gave no valid answer.}
- {status: 503, code: unavailable, title: Temporarily unavailable, detail: "The service is starting, overloaded or down. Try again after a moment.", retry: 1}
- {status: 504, code: timeout, title: The service did not answer in time, detail: The service did not answer in time. The request may have had its effect.}
{{- end -}}
