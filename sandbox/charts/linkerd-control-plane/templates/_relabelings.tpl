{{/*
The relabeling of proxies. `labelmap` copies: the owner that the injector wrote (`linkerd.io/proxy-deployment`) without its
prefix, then Linkerd's other labels without theirs, then all labels of the pod.
*/}}
{{- define "proxy-relabelings" -}}
{{- $label := "__meta_kubernetes_pod_label_" -}}
- action: keep
  sourceLabels: [__meta_kubernetes_pod_container_name, __meta_kubernetes_pod_container_port_name, {{ $label }}linkerd_io_control_plane_ns]
  regex: ^linkerd-proxy;linkerd-admin;{{ .Release.Namespace }}$
- { action: replace, sourceLabels: [__meta_kubernetes_namespace], targetLabel: namespace }
- { action: replace, sourceLabels: [__meta_kubernetes_pod_name], targetLabel: pod }
- { action: replace, sourceLabels: [{{ $label }}linkerd_io_proxy_job], targetLabel: k8s_job }
- { action: labeldrop, regex: {{ $label }}linkerd_io_proxy_job }
- { action: labelmap, regex: {{ $label }}linkerd_io_proxy_(.+) }
- { action: labeldrop, regex: {{ $label }}linkerd_io_proxy_(.+) }
- { action: labelmap, regex: {{ $label }}linkerd_io_(.+) }
- { action: labelmap, regex: {{ $label }}(.+), replacement: __tmp_pod_label_$1 }
- { action: labelmap, regex: __tmp_pod_label_linkerd_io_(.+), replacement: __tmp_pod_label_$1 }
- { action: labeldrop, regex: __tmp_pod_label_linkerd_io_(.+) }
- { action: labelmap, regex: __tmp_pod_label_(.+) }
{{- end }}
