{{/* The three webhooks, by the key of their values. */}}
{{- define "webhooks" -}}
proxyInjector:
  component: proxy-injector
  name: linkerd-proxy-injector
  kind: MutatingWebhookConfiguration
  rules:
  - { operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods, services], scope: Namespaced }
profileValidator:
  component: destination
  name: linkerd-sp-validator
  kind: ValidatingWebhookConfiguration
  rules:
  - { operations: [CREATE, UPDATE], apiGroups: [linkerd.io], apiVersions: [v1alpha1, v1alpha2], resources: [serviceprofiles] }
policyValidator:
  component: destination
  name: linkerd-policy-validator
  kind: ValidatingWebhookConfiguration
  rules:
  - operations: [CREATE, UPDATE]
    apiGroups: [policy.linkerd.io]
    apiVersions: ["*"]
    resources:
    - authorizationpolicies
    - httplocalratelimitpolicies
    - httproutes
    - networkauthentications
    - meshtlsauthentications
    - serverauthorizations
    - servers
    - egressnetworks
  - operations: [CREATE, UPDATE]
    apiGroups: [gateway.networking.k8s.io]
    apiVersions: ["*"]
    resources: [httproutes, grpcroutes, tlsroutes, tcproutes]
{{- end }}

{{/* Rejects combinations of certificate values that exclude each other, as upstream does. */}}
{{- define "webhook.refuse" -}}
{{- $injected := or .injectCaFrom .injectCaFromSecret -}}
{{- if and .injectCaFrom .injectCaFromSecret }}{{ fail "give injectCaFrom or injectCaFromSecret, not both" }}{{ end -}}
{{- if and $injected .caBundle }}{{ fail "give a caBundle or an injectCaFrom, not both" }}{{ end -}}
{{- if and $injected (not .externalSecret) }}{{ fail "injectCaFrom needs externalSecret" }}{{ end -}}
{{- if and .externalSecret (not .caBundle) (not $injected) }}{{ fail "externalSecret needs a caBundle or an injectCaFrom" }}{{ end -}}
{{- end }}

{{/*
The Secret and the configuration of a webhook: dict root, hook, given (its values). A missing certificate is
generated again at every render, with a validity of 365 days, as upstream does.
*/}}
{{- define "webhook" -}}
{{- include "webhook.refuse" .given -}}
{{- $ns := .root.Release.Namespace -}}
{{- $host := printf "%s.%s.svc" .hook.name $ns -}}
{{- $generated := genSelfSignedCert $host (list) (list $host) 365 -}}
{{- $labels := include "labels" (list .root .hook.component) -}}
{{- if not .given.externalSecret }}
---
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata:
  name: {{ .hook.name }}-k8s-tls
  namespace: {{ $ns }}
  labels: {{- $labels | nindent 4 }}
  annotations: { {{ include "created-by" .root }} }
data:
  tls.crt: {{ .given.crtPEM | default $generated.Cert | trim | b64enc }}
  tls.key: {{ .given.keyPEM | default $generated.Key | trim | b64enc }}
{{- end }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: {{ .hook.kind }}
metadata:
  name: {{ .hook.name }}-webhook-config
  labels: {{- $labels | nindent 4 }}
  {{- if or .given.injectCaFrom .given.injectCaFromSecret }}
  annotations:
    {{- with .given.injectCaFrom }}
    cert-manager.io/inject-ca-from: {{ . }}
    {{- end }}
    {{- with .given.injectCaFromSecret }}
    cert-manager.io/inject-ca-from-secret: {{ . }}
    {{- end }}
  {{- end }}
webhooks:
- name: {{ .hook.name }}.linkerd.io
  admissionReviewVersions: [v1, v1beta1]
  sideEffects: None
  failurePolicy: {{ .root.Values.webhookFailurePolicy }}
  {{- with .given.timeoutSeconds }}
  timeoutSeconds: {{ . }}
  {{- end }}
  {{- with .given.namespaceSelector }}
  namespaceSelector: {{ toJson . }}
  {{- end }}
  {{- with .given.objectSelector }}
  objectSelector: {{ toJson . }}
  {{- end }}
  clientConfig:
    service: { name: {{ .hook.name }}, namespace: {{ $ns }}, path: / }
    {{- if not (or .given.injectCaFrom .given.injectCaFromSecret) }}
    caBundle: {{ .given.caBundle | default $generated.Cert | trim | b64enc }}
    {{- end }}
  rules: {{- .hook.rules | toYaml | nindent 2 }}
{{- end }}
