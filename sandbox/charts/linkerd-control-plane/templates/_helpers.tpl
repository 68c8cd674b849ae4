{{/* Labels of the objects of a component: (list $ "identity"). */}}
{{- define "labels" -}}
{{- $root := index . 0 -}}
linkerd.io/control-plane-component: {{ index . 1 }}
linkerd.io/control-plane-ns: {{ $root.Release.Namespace }}
{{- with $root.Values.commonLabels }}
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
{{- $here := dict "matchExpressions" (list (dict "key" "linkerd.io/control-plane-component" "operator" "In" "values" (list (index . 1)))) -}}
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

{{/* Scheduling and security settings of every pod of the chart. */}}
{{- define "scheduling" -}}
nodeSelector: {{ toJson .Values.nodeSelector }}
{{- with .Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
automountServiceAccountToken: false
securityContext: { seccompProfile: { type: RuntimeDefault } }
{{- end }}

{{- define "controller-image" -}}
image: {{ .Values.controllerImage }}:{{ .Values.controllerImageVersion | default .Values.linkerdVersion }}
imagePullPolicy: {{ .Values.imagePullPolicy }}
securityContext:
  {{- include "locked-down" . | nindent 2 }}
  runAsUser: {{ .Values.controllerUID }}
{{- end }}

{{- define "locked-down" -}}
allowPrivilegeEscalation: false
capabilities: { drop: [ALL] }
readOnlyRootFilesystem: true
runAsNonRoot: true
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
