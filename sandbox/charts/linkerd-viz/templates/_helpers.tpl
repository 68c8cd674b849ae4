{{/* Labels of every object. */}}
{{- define "labels" -}}
linkerd.io/extension: viz
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "created-by" -}}
linkerd.io/created-by: sandbox stand-in {{ .Chart.Version }}
{{- end }}

{{/* Converts Linkerd's {cpu: {request, limit}, …}, where an empty string means none, to Kubernetes resources. */}}
{{- define "resources" -}}
{{- $out := dict -}}
{{- range $resource, $bounds := . | default dict -}}
  {{- range $bound, $amount := $bounds | default dict -}}
    {{- if $amount -}}
      {{- $group := printf "%ss" $bound -}}
      {{- $_ := set $out $group (set (get $out $group | default dict) $resource (toString $amount)) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{ toJson $out }}
{{- end }}

{{- define "affinity" -}}
{{- $root := index . 0 -}}
{{- $here := dict "matchExpressions" (list (dict "key" "component" "operator" "In" "values" (list (index . 1)))) -}}
{{- if or $root.Values.enablePodAntiAffinity $root.Values.nodeAffinity }}
affinity:
  {{- if $root.Values.enablePodAntiAffinity }}
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm: { topologyKey: topology.kubernetes.io/zone, labelSelector: {{ toJson $here }} }
    requiredDuringSchedulingIgnoredDuringExecution:
    - { topologyKey: kubernetes.io/hostname, labelSelector: {{ toJson $here }} }
  {{- end }}
  {{- with $root.Values.nodeAffinity }}
  nodeAffinity: {{ toJson . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Scheduling of a pod, from the values of the chart or of its component. */}}
{{- define "scheduling" -}}
nodeSelector: {{ toJson .nodeSelector }}
{{- with .tolerations }}
tolerations: {{ toJson . }}
{{- end }}
automountServiceAccountToken: false
{{- end }}

{{/* The image and the security context of a container: (list $ image uid gid). */}}
{{- define "image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
image: {{ $image.registry | default $root.Values.defaultRegistry }}/{{ $image.name }}:{{ $image.tag | default $root.Values.linkerdVersion }}
imagePullPolicy: {{ $image.pullPolicy | default $root.Values.defaultImagePullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  capabilities: { drop: [ALL] }
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  runAsUser: {{ index . 2 }}
  runAsGroup: {{ index . 3 }}
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "token-volume" -}}
name: kube-api-access
projected:
  sources:
  - serviceAccountToken: { path: token, expirationSeconds: 3607 }
  - configMap: { name: kube-root-ca.crt, items: [{ key: ca.crt, path: ca.crt }] }
  - downwardAPI: { items: [{ path: namespace, fieldRef: { apiVersion: v1, fieldPath: metadata.namespace } }] }
{{- end }}
