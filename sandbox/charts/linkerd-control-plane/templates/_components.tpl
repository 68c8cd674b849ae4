{{/*
The three workloads. `containers` has the order of the pod. A container serves /ping (or `live`) and
/ready on its last port. `mounts` are volumes in addition to the token of the service account.
*/}}
{{- define "components" -}}
{{- $ns := .Release.Namespace -}}
{{- $v := .Values -}}
{{- $trustDomain := $v.identityTrustDomain | default $v.clusterDomain -}}
{{- $logs := list (printf "-log-level=%s" $v.controllerLogLevel) (printf "-log-format=%s" $v.controllerLogFormat) -}}
identity:
  inboundPorts: "8080,9990"
  podAnnotations: {{ toJson $v.identity.podAnnotations }}
  proxyResources: {{ toJson $v.identityProxyResources }}
  services:
    linkerd-identity: { port: 8080, name: grpc }
    linkerd-identity-headless: { port: 8080, name: grpc, headless: true }
  volumes:
    identity-issuer: { secret: { secretName: linkerd-identity-issuer } }
    trust-roots: { configMap: { name: linkerd-identity-trust-roots } }
  containers:
  - name: identity
    ports: [[ident-grpc, 8080], [ident-admin, 9990]]
    resources: {{ toJson $v.identityResources }}
    mounts:
      identity-issuer: /var/run/linkerd/identity/issuer
      trust-roots: /var/run/linkerd/identity/trust-roots/
    args: {{ concat (list "identity") $logs | toJson }}
    moreArgs:
    - -controller-namespace={{ $ns }}
    - -identity-trust-domain={{ $trustDomain }}
    - -identity-issuance-lifetime={{ $v.identity.issuer.issuanceLifetime }}
    - -identity-clock-skew-allowance={{ $v.identity.issuer.clockSkewAllowance }}
    - -identity-scheme={{ $v.identity.issuer.scheme }}
destination:
  inboundPorts: "8086,8090,8443,9443,9990,9996,9997"
  podAnnotations: {{ toJson $v.destinationController.podAnnotations }}
  proxyResources: {{ toJson $v.destinationProxyResources }}
  budget: linkerd-dst
  checksum: true
  services:
    linkerd-dst: { port: 8086, name: grpc }
    linkerd-dst-headless: { port: 8086, name: grpc, headless: true }
    linkerd-policy: { port: 8090, name: grpc, headless: true }
    linkerd-policy-validator: { port: 443, name: policy-https, targetPort: policy-https }
    linkerd-sp-validator: { port: 443, name: sp-validator, targetPort: sp-validator }
  volumes:
    sp-tls: { secret: { secretName: linkerd-sp-validator-k8s-tls } }
    policy-tls: { secret: { secretName: linkerd-policy-validator-k8s-tls } }
  containers:
  - name: destination
    ports: [[dest-grpc, 8086], [dest-admin, 9996]]
    resources: {{ toJson $v.destinationResources }}
    args: {{ concat (list "destination" "-addr=:8086") $logs | toJson }}
    moreArgs:
    - -controller-namespace={{ $ns }}
    - -cluster-domain={{ $v.clusterDomain }}
    - -identity-trust-domain={{ $trustDomain }}
    - -default-opaque-ports={{ $v.proxy.opaquePorts }}
  - name: sp-validator
    ports: [[sp-validator, 8443], [spval-admin, 9997]]
    resources: {{ toJson $v.spValidatorResources }}
    mounts: { sp-tls: /var/run/linkerd/tls }
    args: {{ concat (list "sp-validator") $logs | toJson }}
  - name: policy
    command: [/linkerd-policy-controller]
    live: /live
    ports: [[policy-grpc, 8090], [policy-https, 9443], [policy-admin, 9990]]
    resources: {{ toJson $v.policyController.resources }}
    mounts: { policy-tls: /var/run/linkerd/tls }
    args:
    - --control-plane-namespace={{ $ns }}
    - --server-tls-key=/var/run/linkerd/tls/tls.key
    - --server-tls-certs=/var/run/linkerd/tls/tls.crt
    - --cluster-networks={{ $v.clusterNetworks }}
    - --identity-domain={{ $trustDomain }}
    - --cluster-domain={{ $v.clusterDomain }}
    - --default-policy={{ $v.proxy.defaultInboundPolicy }}
    - --log-level={{ $v.policyController.logLevel }}
    - --default-opaque-ports={{ $v.proxy.opaquePorts }}
proxy-injector:
  inboundPorts: "8443,9995"
  {{- /* Upstream gives the injector's pods the identity controller's annotations. */}}
  podAnnotations: {{ merge (dict "config.linkerd.io/opaque-ports" "8443") $v.identity.podAnnotations | toJson }}
  proxyResources: {{ toJson $v.proxyInjectorProxyResources }}
  checksum: true
  services:
    linkerd-proxy-injector:
      { port: 443, name: proxy-injector, targetPort: proxy-injector, annotations: { config.linkerd.io/opaque-ports: "443" } }
  volumes:
    config: { configMap: { name: linkerd-config } }
    trust-roots: { configMap: { name: linkerd-identity-trust-roots } }
    tls: { secret: { secretName: linkerd-proxy-injector-k8s-tls } }
  containers:
  - name: proxy-injector
    ports: [[proxy-injector, 8443], [injector-admin, 9995]]
    resources: {{ toJson $v.proxyInjectorResources }}
    mounts:
      config: /var/run/linkerd/config
      trust-roots: /var/run/linkerd/identity/trust-roots
      tls: /var/run/linkerd/tls
    args: {{ concat (list "proxy-injector" (printf "-linkerd-namespace=%s" $ns)) $logs | toJson }}
{{- end }}
