{{/* Schemas of the specs that the product or its tests write. Specs of other kinds are not checked. */}}
{{- define "crds.schemas" -}}
server:
  required: [port]
  oneOf:
  - required: [podSelector]
  - required: [externalWorkloadSelector]
  properties:
    accessPolicy: { type: string, default: deny }
    podSelector: { type: object, x-kubernetes-preserve-unknown-fields: true }
    externalWorkloadSelector: { type: object, x-kubernetes-preserve-unknown-fields: true }
    port: { x-kubernetes-int-or-string: true }
    proxyProtocol: { type: string, default: unknown }
authorizationPolicy:
  required: [targetRef, requiredAuthenticationRefs]
  properties:
    targetRef: {{ include "crds.reference" . | nindent 6 }}
    requiredAuthenticationRefs:
      type: array
      items: {{ include "crds.reference" . | nindent 8 }}
meshTLSAuthentication:
  oneOf:
  - required: [identities]
  - required: [identityRefs]
  properties:
    identities: { type: array, minItems: 1, items: { type: string } }
    identityRefs:
      type: array
      minItems: 1
      items: { type: object, required: [kind], x-kubernetes-preserve-unknown-fields: true }
networkAuthentication:
  required: [networks]
  properties:
    networks:
      type: array
      items:
        type: object
        required: [cidr]
        properties:
          cidr: { type: string }
          except: { type: array, items: { type: string } }
{{- end }}

{{- define "crds.reference" -}}
type: object
required: [kind, name]
properties:
  group: { type: string, maxLength: 253 }
  kind: { type: string, minLength: 1, maxLength: 63 }
  name: { type: string, minLength: 1, maxLength: 253 }
  namespace: { type: string, maxLength: 253 }
{{- end }}
