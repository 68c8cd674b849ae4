/** Violations of the rules about workloads. */
import { deployment, namespace, release, type Violation } from "./violation.ts";

const INJECT = "linkerd.io/inject";

const UNMESHED =
  'Traffic of the workload is in plain text, and nothing states that this is intended. Fix: mesh the workload with MeshedDeployment or meshed(), or set the annotation to "disabled"';
const HOST_NETWORK =
  'spec.template.spec.hostNetwork: must not keep the proxy out of a meshed pod, got true. Linkerd does not inject pods on the host network. Fix: set the annotation linkerd.io/inject to "disabled", or remove hostNetwork';
const MAIL =
  "A mail server speaks first, so a proxy that waits for the client delays each connection by 10 s. Fix: add";

export const WORKLOAD_VIOLATIONS: readonly Violation[] = [
  {
    rule: "injectable-workloads",
    title: "a value that Linkerd ignores",
    resources: [deployment({ [INJECT]: "true" })],
    messages: [
      'spec.template.metadata.annotations["linkerd.io/inject"]: must be enabled, ingress or disabled, got "true". Linkerd ignores other values. Fix: set it to "enabled", or to "disabled" to keep the proxy out',
    ],
  },
  {
    rule: "injectable-workloads",
    title: "a meshed workload on the host network",
    resources: [deployment({ [INJECT]: "enabled" }, { hostNetwork: true })],
    messages: [HOST_NETWORK],
  },
  {
    rule: "meshed-namespaces",
    title: "a workload on the host network of a meshed namespace",
    resources: [namespace({ [INJECT]: "enabled" }), deployment({}, { hostNetwork: true })],
    messages: [HOST_NETWORK],
  },
  {
    rule: "meshed-namespaces",
    title: "an undecided workload beside a meshed one",
    resources: [deployment({}), { ...deployment({ [INJECT]: "enabled" }, {}, "StatefulSet"), name: "store" }],
    messages: [
      `spec.template.metadata.annotations["linkerd.io/inject"]: must be enabled, ingress or disabled in the meshed namespace shop, got nothing. ${UNMESHED}`,
    ],
  },
  {
    rule: "mail-ports",
    title: "a list of a workload that replaces the one of the mesh",
    resources: [deployment({ [INJECT]: "enabled", "config.linkerd.io/skip-outbound-ports": "25,4567-4568" })],
    messages: [
      `spec.template.metadata.annotations["config.linkerd.io/skip-outbound-ports"]: must contain the mail ports 465, 587 and 2525, got "25,4567-4568". ${MAIL} 465, 587 and 2525`,
    ],
  },
  {
    rule: "mail-ports",
    title: "a control plane with the default of the chart",
    resources: [release({ chart: "linkerd-control-plane", values: {} })],
    messages: [
      `values.proxyInit.ignoreOutboundPorts: must contain the mail ports 25, 465, 587 and 2525, got nothing, for which the chart skips 4567 and 4568. ${MAIL} 25, 465, 587 and 2525`,
    ],
  },
];
