{{/* The proxy of a component: dict root, component, inboundPorts, resources, native. */}}
{{- define "proxy" -}}
{{- $v := .root.Values -}}
{{- $ns := .root.Release.Namespace -}}
{{- $trust := printf "serviceaccount.identity.%s.%s" $ns ($v.identityTrustDomain | default $v.clusterDomain) -}}
{{- $svc := printf "%s.svc.%s." $ns $v.clusterDomain -}}
name: linkerd-proxy
image: {{ $v.proxy.image.name }}:{{ $v.proxy.image.version | default $v.linkerdVersion }}
imagePullPolicy: {{ $v.proxy.image.pullPolicy | default $v.imagePullPolicy }}
{{- if .native }}
restartPolicy: Always
{{- end }}
ports:
- { name: linkerd-proxy, containerPort: {{ $v.proxy.ports.inbound }} }
- { name: linkerd-admin, containerPort: {{ $v.proxy.ports.admin }} }
livenessProbe: { httpGet: { path: /live, port: {{ $v.proxy.ports.admin }} }, initialDelaySeconds: 10 }
readinessProbe: { httpGet: { path: /ready, port: {{ $v.proxy.ports.admin }} }, initialDelaySeconds: 2 }
{{- if and .native $v.proxy.await }}
startupProbe:
  httpGet: { path: /ready, port: {{ $v.proxy.ports.admin }} }
  {{- toYaml $v.proxy.startupProbe | nindent 2 }}
{{- end }}
resources: {{ include "resources" .resources }}
securityContext:
  {{- include "locked-down" . | nindent 2 }}
  runAsUser: {{ $v.proxy.uid }}
env:
- { name: _pod_ns, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }
- { name: _pod_sa, valueFrom: { fieldRef: { fieldPath: spec.serviceAccountName } } }
- name: LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS
  valueFrom: { configMapKeyRef: { name: linkerd-identity-trust-roots, key: ca-bundle.crt } }
{{- $addresses := dict
  "identity" (printf "linkerd-identity-headless.%s:8080" $svc)
  "destination" (printf "linkerd-dst-headless.%s:8086" $svc)
  "policy" (printf "linkerd-policy.%s:8090" $svc) -}}
{{- if eq .component "identity" }}{{ $_ := set $addresses "identity" "localhost.:8080" }}{{ end }}
{{- if eq .component "destination" }}
  {{- $_ := set $addresses "destination" "localhost.:8086" }}
  {{- $_ := set $addresses "policy" "localhost.:8090" }}
{{- end }}
{{- range $name, $value := dict
  "DESTINATION_PROFILE_NETWORKS" $v.clusterNetworks
  "DESTINATION_SVC_ADDR" $addresses.destination
  "DESTINATION_SVC_NAME" (printf "linkerd-destination.%s.%s" $ns $trust)
  "IDENTITY_LOCAL_NAME" (printf "$(_pod_sa).$(_pod_ns).%s" $trust)
  "IDENTITY_SVC_ADDR" $addresses.identity
  "IDENTITY_SVC_NAME" (printf "linkerd-identity.%s.%s" $ns $trust)
  "INBOUND_DEFAULT_POLICY" "all-unauthenticated"
  "INBOUND_PORTS" .inboundPorts
  "INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION" $v.proxy.opaquePorts
  "LOG" (printf "%s,[{headers}]=off,[{request}]=off" $v.proxy.logLevel)
  "POLICY_CLUSTER_NETWORKS" $v.clusterNetworks
  "POLICY_SVC_ADDR" $addresses.policy
  "POLICY_SVC_NAME" (printf "linkerd-destination.%s.%s" $ns $trust)
}}
- { name: LINKERD2_PROXY_{{ $name }}, value: {{ $value | quote }} }
{{- end }}
volumeMounts:
- { name: linkerd-identity-end-entity, mountPath: /var/run/linkerd/identity/end-entity }
- { name: linkerd-identity-token, mountPath: /var/run/secrets/tokens }
{{- end }}

{{/*
The init container for the network of a pod. Pods of the control plane skip only the ports of the API server:
proxyInit.ignoreOutboundPorts applies to injected pods, through linkerd-config. Same arguments as the proxy.
*/}}
{{- define "proxy-init" -}}
{{- $v := .root.Values -}}
image: {{ $v.proxy.image.name }}:{{ $v.proxy.image.version | default $v.linkerdVersion }}
imagePullPolicy: {{ $v.proxy.image.pullPolicy | default $v.imagePullPolicy }}
resources: {{ include "resources" .resources }}
{{- if $v.cniEnabled }}
name: linkerd-network-validator
command: [/usr/lib/linkerd/linkerd2-network-validator]
args: [--connect-addr, {{ $v.networkValidator.connectAddr | default "1.1.1.1:20001" | quote }}, --listen-addr, "0.0.0.0:4140", --timeout, {{ $v.networkValidator.timeout }}]
securityContext:
  {{- include "locked-down" . | nindent 2 }}
  runAsUser: 65534
{{- else }}
{{- if not (has $v.proxyInit.iptablesMode (list "nft" "legacy")) }}
{{- fail (printf "proxyInit.iptablesMode is nft or legacy, not %s" $v.proxyInit.iptablesMode) }}
{{- end }}
name: linkerd-init
command: [/usr/lib/linkerd/linkerd2-proxy-init]
args:
{{- if eq $v.proxyInit.iptablesMode "nft" }}
{{- range list "--firewall-bin-path" "iptables-nft" "--firewall-save-bin-path" "iptables-nft-save" }}
- {{ . }}
{{- end }}
{{- end }}
{{- if $v.disableIPv6 }}
- --ipv6=false
{{- end }}
{{- $inbound := printf "%v,%v" $v.proxy.ports.control $v.proxy.ports.admin }}
{{- with $v.proxyInit.ignoreInboundPorts }}{{ $inbound = printf "%s,%v" $inbound . }}{{ end }}
{{- range $flag := list
  (list "--incoming-proxy-port" $v.proxy.ports.inbound)
  (list "--outgoing-proxy-port" $v.proxy.ports.outbound)
  (list "--proxy-uid" $v.proxy.uid)
  (list "--inbound-ports-to-ignore" $inbound)
  (list "--outbound-ports-to-ignore" $v.proxyInit.kubeAPIServerPorts)
  (list "--subnets-to-ignore" $v.proxyInit.skipSubnets)
}}
{{- with index $flag 1 }}
- {{ index $flag 0 }}
- {{ . | quote }}
{{- end }}
{{- end }}
securityContext:
  allowPrivilegeEscalation: false
  capabilities: { add: [NET_ADMIN, NET_RAW] }
  privileged: false
  readOnlyRootFilesystem: true
  runAsGroup: {{ $v.proxyInit.runAsGroup }}
  runAsNonRoot: true
  runAsUser: {{ $v.proxyInit.runAsUser }}
  seccompProfile: { type: RuntimeDefault }
volumeMounts:
- { name: {{ $v.proxyInit.xtMountPath.name }}, mountPath: {{ $v.proxyInit.xtMountPath.mountPath }} }
{{- end }}
{{- end }}
