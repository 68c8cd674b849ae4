{{/*
Every kind, by group. `versions` lists the served versions, the storage version first. `spec` is a schema
in _schemas.tpl. `status` enables the subresource. `unless` is the value that overrides
installGatewayAPI.
*/}}
{{- define "crds.table" -}}
linkerd.io:
- { kind: ServiceProfile, plural: serviceprofiles, versions: [v1alpha2, v1alpha1], shortNames: [sp] }
workload.linkerd.io:
- { kind: ExternalWorkload, plural: externalworkloads, versions: [v1beta1, v1alpha1], status: true, categories: [external] }
policy.linkerd.io:
- { kind: Server, plural: servers, versions: [v1beta3, v1beta2, v1beta1, v1alpha1], shortNames: [srv], spec: server }
- { kind: ServerAuthorization, plural: serverauthorizations, versions: [v1beta1, v1alpha1], shortNames: [saz, serverauthz, srvauthz] }
- { kind: AuthorizationPolicy, plural: authorizationpolicies, versions: [v1alpha1], shortNames: [authzpolicy], spec: authorizationPolicy }
- { kind: MeshTLSAuthentication, plural: meshtlsauthentications, versions: [v1alpha1], shortNames: [meshtlsauthn], spec: meshTLSAuthentication }
- { kind: NetworkAuthentication, plural: networkauthentications, versions: [v1alpha1], shortNames: [netauthn, networkauthn], spec: networkAuthentication }
- { kind: HTTPRoute, plural: httproutes, versions: [v1beta3, v1beta2, v1beta1, v1alpha1], status: true }
- { kind: EgressNetwork, plural: egressnetworks, versions: [v1alpha1], status: true, categories: [policy] }
- { kind: HTTPLocalRateLimitPolicy, plural: httplocalratelimitpolicies, versions: [v1alpha1], status: true }
gateway.networking.k8s.io:
- { kind: HTTPRoute, plural: httproutes, versions: [v1, v1beta1], status: true, categories: [gateway-api], unless: enableHttpRoutes }
- { kind: GRPCRoute, plural: grpcroutes, versions: [v1, v1alpha2], status: true, categories: [gateway-api], unless: enableHttpRoutes }
- { kind: TLSRoute, plural: tlsroutes, versions: [v1alpha2], status: true, categories: [gateway-api], unless: enableTlsRoutes }
- { kind: TCPRoute, plural: tcproutes, versions: [v1alpha2], status: true, categories: [gateway-api], unless: enableTcpRoutes }
{{- end }}
