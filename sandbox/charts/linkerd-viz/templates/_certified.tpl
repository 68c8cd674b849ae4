{{/* Rejects combinations of certificate values that exclude each other, as upstream does. */}}
{{- define "certified.refuse" -}}
{{- $injected := or .injectCaFrom .injectCaFromSecret -}}
{{- if and .injectCaFrom .injectCaFromSecret }}{{ fail "give injectCaFrom or injectCaFromSecret, not both" }}{{ end -}}
{{- if and $injected .caBundle }}{{ fail "give a caBundle or an injectCaFrom, not both" }}{{ end -}}
{{- if and $injected (not .externalSecret) }}{{ fail "injectCaFrom needs externalSecret" }}{{ end -}}
{{- if and .externalSecret (not .caBundle) (not $injected) }}{{ fail "externalSecret needs a caBundle or an injectCaFrom" }}{{ end -}}
{{- end }}

{{/*
The Secret of a server that the API server calls: dict root, name, given (its values), generated.
Not rendered if the Secret is external.
*/}}
{{- define "certified.secret" -}}
{{- include "certified.refuse" .given -}}
{{- if not .given.externalSecret -}}
---
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata:
  name: {{ .name }}-k8s-tls
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "labels" .root | nindent 4 }}
  annotations: { {{ include "created-by" .root }} }
data:
  tls.crt: {{ .given.crtPEM | default .generated.Cert | trim | b64enc }}
  tls.key: {{ .given.keyPEM | default .generated.Key | trim | b64enc }}
{{- end }}
{{- end }}

{{/* Annotations that make cert-manager inject the CA. */}}
{{- define "certified.annotations" -}}
{{- if or .injectCaFrom .injectCaFromSecret }}
annotations:
  {{- with .injectCaFrom }}
  cert-manager.io/inject-ca-from: {{ . }}
  {{- end }}
  {{- with .injectCaFromSecret }}
  cert-manager.io/inject-ca-from-secret: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "certified.ca" -}}
{{- if not (or .given.injectCaFrom .given.injectCaFromSecret) }}
caBundle: {{ .given.caBundle | default .generated.Cert | trim | b64enc }}
{{- end }}
{{- end }}

{{/* A missing certificate is generated again at every render, with a validity of 365 days, as upstream does. */}}
{{- define "tap" -}}
{{- $host := printf "tap.%s.svc" .Release.Namespace -}}
{{- $tap := dict "root" . "name" "tap" "given" .Values.tap "generated" (genSelfSignedCert $host (list) (list $host) 365) -}}
{{ include "certified.secret" $tap }}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata:
  name: v1alpha1.tap.linkerd.io
  labels: {{- include "labels" . | nindent 4 }}
  {{- with include "certified.annotations" .Values.tap | trim }}{{ . | nindent 2 }}{{ end }}
spec:
  group: tap.linkerd.io
  version: v1alpha1
  groupPriorityMinimum: 1000
  versionPriority: 100
  service: { name: tap, namespace: {{ .Release.Namespace }} }
  {{- with include "certified.ca" $tap | trim }}{{ . | nindent 2 }}{{ end }}
{{- end }}

{{- define "tap-injector" -}}
{{- $host := printf "tap-injector.%s.svc" .Release.Namespace -}}
{{- $injector := dict "root" . "name" "tap-injector" "given" .Values.tapInjector "generated" (genSelfSignedCert $host (list) (list $host) 365) -}}
{{ include "certified.secret" $injector }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata:
  name: linkerd-tap-injector-webhook-config
  labels: {{- include "labels" . | nindent 4 }}
  {{- with include "certified.annotations" .Values.tapInjector | trim }}{{ . | nindent 2 }}{{ end }}
webhooks:
- name: tap-injector.linkerd.io
  admissionReviewVersions: [v1, v1beta1]
  sideEffects: None
  failurePolicy: {{ .Values.tapInjector.failurePolicy }}
  reinvocationPolicy: IfNeeded
  {{- with .Values.tapInjector.namespaceSelector }}
  namespaceSelector: {{ toJson . }}
  {{- end }}
  {{- with .Values.tapInjector.objectSelector }}
  objectSelector: {{ toJson . }}
  {{- end }}
  clientConfig:
    service: { name: tap-injector, namespace: {{ .Release.Namespace }}, path: / }
    {{- with include "certified.ca" $injector | trim }}{{ . | nindent 4 }}{{ end }}
  rules:
  - { operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods], scope: Namespaced }
{{- end }}
