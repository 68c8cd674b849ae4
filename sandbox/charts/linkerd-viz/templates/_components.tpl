{{/*
The workloads. `values` is the key of their values, `placed` means that these have a node selector,
`nsLabel` that upstream labels the workload with its namespace, `checksum` that a change of its access
(account, roles, certificate) restarts its pods. A port is [name, port, Service port].
*/}}
{{- define "components" -}}
{{- $ns := .Release.Namespace -}}
{{- $v := .Values -}}
{{- $trustDomain := $v.identityTrustDomain | default $v.clusterDomain -}}
metrics-api:
  values: metricsAPI
  placed: true
  checksum: true
  probe: 9995
  ports: [[http, 8085, 8085], [admin, 9995]]
  args:
  - -controller-namespace={{ $v.linkerdNamespace }}
  - -cluster-domain={{ $v.clusterDomain }}
  {{- if not (or $v.prometheusUrl $v.prometheus.enabled) }}
  {{- fail "enable prometheus, or give the prometheusUrl of another" }}
  {{- end }}
  - -prometheus-url={{ $v.prometheusUrl | default (printf "http://prometheus.%s.svc.%s:9090" $ns $v.clusterDomain) }}
  {{- if $v.prometheusCredsSecret }}
  - -prometheus-user-file=/var/prometheus/user
  - -prometheus-password-file=/var/prometheus/password
  {{- end }}
tap:
  values: tap
  nsLabel: true
  checksum: true
  rolls: true
  tls: true
  probe: 9998
  ports: [[grpc, 8088, 8088], [apiserver, 8089, 443], [admin, 9998]]
  args:
  - api
  - -api-namespace={{ $v.linkerdNamespace }}
  - -identity-trust-domain={{ $trustDomain }}
  {{- with $v.tap.ignoreHeaders }}
  - -ignore-headers={{ join "," . }}
  {{- end }}
tap-injector:
  values: tapInjector
  checksum: true
  rolls: true
  tls: true
  probe: 9995
  ports: [[tap-injector, 8443, 443], [admin, 9995]]
  args:
  - injector
  - -tap-service-name=tap.{{ $ns }}.serviceaccount.identity.{{ $v.linkerdNamespace }}.{{ $trustDomain }}
web:
  values: dashboard
  nsLabel: true
  probe: 9994
  ports: [[http, 8084, 8084], [admin, 9994, 9994]]
  args:
  {{- if and $v.grafana.url $v.grafana.externalUrl }}
  {{- fail "give grafana.url or grafana.externalUrl, not both" }}
  {{- end }}
  - -linkerd-metrics-api-addr=metrics-api.{{ $ns }}.svc.{{ $v.clusterDomain }}:8085
  {{- range $flag, $value := dict "addr" $v.grafana.url "external-addr" $v.grafana.externalUrl "prefix" $v.grafana.uidPrefix }}
  {{- with $value }}
  - -grafana-{{ $flag }}={{ . }}
  {{- end }}
  {{- end }}
  - -cluster-domain={{ $v.clusterDomain }}
  - -controller-namespace={{ $v.linkerdNamespace }}
  {{- $service := printf "web.%s.svc" $ns }}
  {{- $hosts := list "localhost" "127.0.0.1" (printf "%s.%s" $service $v.clusterDomain) $service | join "|" | replace "." "\\." }}
  - -enforced-host={{ $v.dashboard.enforcedHostRegexp | default (printf "^(%s|\\[::1\\])(:\\d+)?$" $hosts) }}
{{- if $v.prometheus.enabled }}
prometheus:
  values: prometheus
  placed: true
  nsLabel: true
  uid: 65534
  probe: 9090
  ports: [[admin, 9090, 9090]]
  args:
  {{- range $flag, $value := $v.prometheus.args }}
  - --{{ $flag }}{{ with $value }}={{ . }}{{ end }}
  {{- end }}
{{- end }}
{{- end }}
