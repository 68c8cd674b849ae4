/** Values of the charts that no setting covers, and those that are this program's alone. */
import { type ChartValues, isTable } from "../../inputs/merge.ts";
import type { SettingMistake } from "../mistakes.ts";

/** Values for each chart as its own `values.yaml` nests them, merged over everything else. */
export interface ExtraValues {
  /** linkerd-crds */
  crds?: ChartValues | undefined;
  /** linkerd-control-plane */
  controlPlane?: ChartValues | undefined;
  /** linkerd-viz */
  viz?: ChartValues | undefined;
  /** linkerd2-cni */
  cni?: ChartValues | undefined;
}

/** Values by key, each with the setting that it is set by. */
type Owned = { readonly [key: string]: string | Owned };

const certificate: Owned = {
  externalSecret: "certificates",
  crtPEM: "certificates",
  keyPEM: "certificates",
  caBundle: "certificates",
  injectCaFrom: "certificates",
  injectCaFromSecret: "certificates",
};
const image: Owned = { image: { name: "imageRegistry" } };

/** Every value that this program sets, or that would undo what it set. */
const OWNED: { readonly [chart in keyof ExtraValues]-?: Owned } = {
  crds: { installGatewayAPI: "installGatewayApi" },
  controlPlane: {
    linkerdVersion: "chartVersion",
    clusterDomain: "clusterDomain",
    clusterNetworks: "clusterNetworks",
    identityTrustDomain: "trustDomain",
    identityTrustAnchorsPEM: "certificates",
    identity: { externalCA: "certificates", issuer: { scheme: "certificates", tls: "certificates" } },
    proxyInjector: { ...certificate, objectSelector: "injection" },
    profileValidator: certificate,
    policyValidator: certificate,
    controllerImage: "imageRegistry",
    debugContainer: image,
    policyController: image,
    imagePullSecrets: "imagePullSecrets",
    highAvailability: "highAvailability",
    controllerReplicas: "replicas",
    proxy: {
      ...image,
      resources: {
        cpu: { request: "proxy.cpuRequest", limit: "proxy.cpuLimit" },
        memory: { request: "proxy.memoryRequest", limit: "proxy.memoryLimit" },
      },
      logLevel: "proxy.logLevel",
      nativeSidecar: "proxy.nativeSidecar",
      defaultInboundPolicy: "defaultInboundPolicy",
      opaquePorts: "ports.opaque",
    },
    proxyInit: {
      ...image,
      ignoreOutboundPorts: "ports.skipOutbound",
      ignoreInboundPorts: "ports.skipInbound",
    },
    cniEnabled: "cni",
    disableHeartBeat: "heartbeat",
    heartbeatSchedule: "heartbeat",
    networkValidator: { connectAddr: "networkValidatorAddress" },
  },
  viz: {
    linkerdVersion: "chartVersion",
    linkerdNamespace: "namespace",
    clusterDomain: "clusterDomain",
    identityTrustDomain: "trustDomain",
    // The Job labels the namespace, which this program makes, labels and all.
    createNamespaceMetadataJob: "vizNamespace",
    defaultRegistry: "imageRegistry",
    prometheus: { image: { registry: "imageRegistry" } },
    imagePullSecrets: "imagePullSecrets",
    tap: { ...certificate, replicas: "replicas" },
    tapInjector: certificate,
    podLabels: { "linkerd.io/inject": "injection" },
  },
  cni: {
    image: { name: "imageRegistry" },
    imagePullSecrets: "imagePullSecrets",
    ignoreInboundPorts: "ports.skipInbound",
    ignoreOutboundPorts: "ports.skipOutbound",
  },
};

/** Each extra value that is not the user's to give, with the setting to use instead. */
export function extraValueIssues(extra: ExtraValues = {}): SettingMistake[] {
  return (Object.keys(OWNED) as (keyof ExtraValues)[]).flatMap((chart) =>
    ownedIn(extra[chart] ?? {}, OWNED[chart], ["extraValues", chart]),
  );
}

function ownedIn(extra: ChartValues, owned: Owned, path: string[]): SettingMistake[] {
  return Object.entries(extra).flatMap(([key, value]) => {
    const owner = Object.hasOwn(owned, key) ? owned[key] : undefined;
    if (owner === undefined) return [];
    const at = [...path, key];
    if (typeof owner === "string") {
      return [{ path: at, problem: `this value is set by the setting ${owner}; expected to be set there` }];
    }
    if (isTable(value)) return ownedIn(value, owner, at);
    return [{ path: at, problem: "expected an object: values below it are set by other settings" }];
  });
}
