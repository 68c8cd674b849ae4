{{/*
The permissions of each component. A rule is [group, resources, verbs]. `to` binds an existing role,
`in` creates a Role in that namespace.
*/}}
{{- define "roles" -}}
{{- $prefix := printf "linkerd-%s" .Release.Namespace -}}
metrics-api:
- name: {{ $prefix }}-metrics-api
  rules:
  - [apps, [daemonsets, deployments, replicasets, statefulsets], [list, get, watch]]
  - [batch, [cronjobs, jobs], [list, get, watch]]
  - ["", [pods, endpoints, services, replicationcontrollers, namespaces], [list, get, watch]]
  - [linkerd.io, [serviceprofiles], [list, get, watch]]
  - [policy.linkerd.io, [servers, serverauthorizations, authorizationpolicies, httproutes], [list, get]]
tap:
- name: {{ $prefix }}-tap
  rules:
  - ["", [pods, services, replicationcontrollers, namespaces, nodes], [list, get, watch]]
  - [apps, [daemonsets, deployments, replicasets, statefulsets], [list, get, watch]]
  - [batch, [cronjobs, jobs], [list, get, watch]]
- name: {{ $prefix }}-tap-admin
  unbound: true
  rules: [["", [namespaces], [list]], [tap.linkerd.io, ["*"], [watch]]]
- { name: {{ $prefix }}-tap-auth-delegator, to: "system:auth-delegator" }
- { name: {{ $prefix }}-tap-auth-reader, to: extension-apiserver-authentication-reader, in: kube-system }
tap-injector:
- { name: linkerd-tap-injector, rules: [["", [namespaces], [get, list, watch]]] }
web:
- name: web
  in: {{ .Values.linkerdNamespace }}
  rules:
  - ["", [configmaps], [get], [linkerd-config]]
  {{- if not .Values.dashboard.restrictPrivileges }}
  - ["", [namespaces, configmaps], [get]]
  - ["", [serviceaccounts, pods], [list]]
  - [apps, [replicasets], [list]]
- name: {{ $prefix }}-web-check
  rules:
  - [rbac.authorization.k8s.io, [clusterroles, clusterrolebindings], [list]]
  - [apiextensions.k8s.io, [customresourcedefinitions], [list]]
  - [admissionregistration.k8s.io, [mutatingwebhookconfigurations, validatingwebhookconfigurations], [list]]
  - [linkerd.io, [serviceprofiles], [list]]
  - ["", [nodes, pods, services], [list]]
  - [apiregistration.k8s.io, [apiservices], [get]]
- { name: {{ $prefix }}-web-api, rules: [["", [namespaces], [list]]] }
- { name: {{ $prefix }}-web-admin, to: {{ $prefix }}-tap-admin }
  {{- end }}
{{- if .Values.prometheus.enabled }}
prometheus:
- { name: {{ $prefix }}-prometheus, rules: [["", [nodes, nodes/proxy, pods], [get, list, watch]]] }
{{- end }}
{{- end }}

{{/*
The objects that a component needs besides its Deployment: account, roles, certificate, webhook.
(list $ "tap"). Their hash is the checksum/config of the pods, so that a new certificate restarts them.
*/}}
{{- define "access" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $ns := $root.Release.Namespace -}}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $component }}
  namespace: {{ $ns }}
  labels: {{- include "labels" $root | nindent 4 }}
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- range get (fromYaml (include "roles" $root)) $component }}
{{- $kind := ternary "Role" "ClusterRole" (hasKey . "in") }}
{{- if not .to }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}
metadata:
  name: {{ .name }}
  {{- with .in }}
  namespace: {{ . }}
  {{- end }}
  labels: {{- include "labels" $root | nindent 4 }}
rules:
{{- range .rules }}
- apiGroups: [{{ index . 0 | quote }}]
  resources: {{ index . 1 | toJson }}
  verbs: {{ index . 2 | toJson }}
  {{- if gt (len .) 3 }}
  resourceNames: {{ index . 3 | toJson }}
  {{- end }}
{{- end }}
{{- end }}
{{- if not .unbound }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}Binding
metadata:
  name: {{ .name }}
  {{- with .in }}
  namespace: {{ . }}
  {{- end }}
  labels: {{- include "labels" $root | nindent 4 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: {{ $kind }}, name: {{ .to | default .name | quote }} }
subjects: [{ kind: ServiceAccount, name: {{ $component }}, namespace: {{ $ns }} }]
{{- end }}
{{- end }}
{{- if eq $component "tap" }}
{{ include "tap" $root }}
{{- else if eq $component "tap-injector" }}
{{ include "tap-injector" $root }}
{{- end }}
{{- end }}
