{{/*
The permissions of each component: roles and their bindings. A rule is [group, resources, verbs].
*/}}
{{- define "roles" -}}
{{- $ns := .Release.Namespace -}}
identity:
- name: linkerd-{{ $ns }}-identity
  rules: [[authentication.k8s.io, [tokenreviews], [create]], ["", [events], [create, patch]]]
destination:
- name: linkerd-{{ $ns }}-destination
  rules:
  - ["", [pods, endpoints, services, nodes], [list, get, watch]]
  - [apps, [replicasets], [list, get, watch]]
  - [batch, [jobs], [list, get, watch]]
  - [linkerd.io, [serviceprofiles], [list, get, watch]]
  - [workload.linkerd.io, [externalworkloads], [list, get, watch]]
  - [coordination.k8s.io, [leases], [create, get, update, patch]]
  - [discovery.k8s.io, [endpointslices], [list, get, watch, create, update, patch, delete]]
- name: linkerd-policy
  binding: linkerd-destination-policy
  rules:
  - ["", [pods], [list, get, watch]]
  - [apps, [deployments], [get]]
  - [policy.linkerd.io, ["*"], [list, get, watch, patch]]
  - [gateway.networking.k8s.io, ["*"], [list, get, watch, patch]]
  - [workload.linkerd.io, [externalworkloads], [list, get, watch]]
  - [coordination.k8s.io, [leases], [create, get, patch]]
- name: remote-discovery
  binding: linkerd-destination-remote-discovery
  namespaced: true
  rules: [["", [secrets], [list, get, watch]]]
proxy-injector:
- name: linkerd-{{ $ns }}-proxy-injector
  rules:
  - ["", [events], [create, patch]]
  - ["", [namespaces, replicationcontrollers], [list, get, watch]]
  - ["", [pods], [list, watch]]
  - [apps, [deployments, replicasets, daemonsets, statefulsets], [list, get, watch]]
  - [batch, [cronjobs, jobs], [list, get, watch]]
heartbeat:
- name: linkerd-heartbeat
  namespaced: true
  rules: [["", [configmaps], [get], [linkerd-config]]]
- name: linkerd-heartbeat
  rules: [["", [namespaces], [list]], [linkerd.io, [serviceprofiles], [list]]]
{{- end }}

{{/*
The objects that a component needs besides its Deployment: account, roles, certificates and webhooks.
(list $ "destination"). Their hash is the checksum/config of the pods, so that a new certificate restarts them.
*/}}
{{- define "access" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $ns := $root.Release.Namespace -}}
{{- $account := printf "linkerd-%s" $component -}}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $account }}
  namespace: {{ $ns }}
  labels: {{- include "labels" . | nindent 4 }}
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- range get (fromYaml (include "roles" $root)) $component }}
{{- $kind := ternary "Role" "ClusterRole" (hasKey . "namespaced") }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}
metadata:
  name: {{ .name }}
  {{- if .namespaced }}
  namespace: {{ $ns }}
  {{- end }}
  labels: {{- include "labels" $ | nindent 4 }}
rules:
{{- range .rules }}
- apiGroups: [{{ index . 0 | quote }}]
  resources: {{ index . 1 | toJson }}
  verbs: {{ index . 2 | toJson }}
  {{- if gt (len .) 3 }}
  resourceNames: {{ index . 3 | toJson }}
  {{- end }}
{{- end }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}Binding
metadata:
  name: {{ .binding | default .name }}
  {{- if .namespaced }}
  namespace: {{ $ns }}
  {{- end }}
  labels: {{- include "labels" $ | nindent 4 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: {{ $kind }}, name: {{ .name }} }
subjects: [{ kind: ServiceAccount, name: {{ $account }}, namespace: {{ $ns }} }]
{{- end }}
{{- range $values, $hook := fromYaml (include "webhooks" $root) }}
{{- if eq $hook.component $component }}
{{- include "webhook" (dict "root" $root "hook" $hook "given" (get $root.Values $values)) | nindent 0 }}
{{- end }}
{{- end }}
{{- end }}
