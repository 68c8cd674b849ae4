/** Settings of the mesh. `components/linkerd/values/mesh-settings.ts` defines what they mean. */
import { z } from "zod";
import {
  DEFAULT_IMAGE_REGISTRY,
  DEFAULT_NETWORK_VALIDATOR_ADDRESS,
  INJECTION_MODES,
} from "../../components/linkerd/values/mesh-settings.ts";
import { flag, integer, matching, object, oneOf, setting } from "./common-schemas.ts";
import { monitoringShape } from "./monitoring-settings.ts";
import { portShape } from "./port-settings.ts";
import { proxyShape } from "./proxy-settings.ts";

const REGISTRY = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;
// RFC 1123: the name of a Secret.
const SECRET_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const ADDRESS = /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]/]+):([1-9]\d{0,4})$/;
const VALIDATOR_ADDRESS = 'must be an address and a port, e.g. "10.0.0.1:20001" or "[fd00::1]:20001"';

const chartValues = (chart: string) =>
  z.record(z.string(), z.unknown(), `must be an object: values of the chart ${chart}`).optional();

/** The settings with their defaults. */
export const meshShape = {
  highAvailability: setting(flag.default(false), {
    description:
      "Upstream's `values-ha.yaml` for the control plane and viz: three replicas on three nodes, disruption budgets, resources and `failurePolicy: Fail`. No pod starts without a proxy, nor while the injector is down.",
    table: "high-availability",
    chartValues: { controlPlane: ["highAvailability"] },
  }),
  replicas: setting(
    integer(0, 99, "an integer from 0 to 99", "0 stands for 3 with highAvailability, else 1").default(0),
    {
      description:
        "Replicas of each workload of the control plane, and of viz's tap. 0 stands for 3 with `highAvailability`, else 1.",
      table: "high-availability",
      chartValues: { controlPlane: ["controllerReplicas"], viz: ["tap.replicas"] },
    },
  ),
  imageRegistry: setting(
    matching(
      REGISTRY,
      'a registry and a path without a scheme, a tag or a "/" at the end, e.g. "registry.corp.example/linkerd"',
    ).default(DEFAULT_IMAGE_REGISTRY),
    {
      description:
        "Registry and path of all images, without their names. It must contain viz's Prometheus too, as `prometheus`, unless `extraValues.viz.prometheus.image.registry` is set.",
      table: "images",
      chartValues: {
        controlPlane: [
          "controllerImage",
          "debugContainer.image.name",
          "policyController.image.name",
          "proxy.image.name",
          "proxyInit.image.name",
        ],
        viz: ["defaultRegistry"],
        cni: ["image.name"],
      },
    },
  ),
  imagePullSecrets: setting(
    z
      .array(
        matching(SECRET_NAME, "the name of a Secret"),
        'must be a list of names of Secrets, e.g. ["registry-login"]',
      )
      .refine((names) => new Set(names).size === names.length, "must list each Secret once")
      .default([]),
    {
      description:
        "Names of Secrets with the registry's password, in the mesh's own namespaces. The mesh's ServiceAccounts reference them.",
      table: "images",
      chartValues: {
        controlPlane: ["imagePullSecrets"],
        viz: ["imagePullSecrets"],
        cni: ["imagePullSecrets"],
      },
    },
  ),
  ...proxyShape,
  ...portShape,
  cni: setting(flag.default(false), {
    description:
      "Install `linkerd2-cni` in the namespace `linkerd-cni`, before the control plane and with the ports above. No meshed pod then needs privileges to set up its network.",
    table: "cni",
    chartValues: { controlPlane: ["cniEnabled"] },
  }),
  injection: setting(oneOf(INJECTION_MODES).default("policy"), {
    description:
      "How the label `linkerd.io/inject` takes effect: `policy` (Kubernetes 1.36 and newer), `namespace` (older clusters, in annotated namespaces) or `off`.",
    table: "injection",
    chartValues: { controlPlane: ["proxyInjector.objectSelector"], viz: ["podLabels.linkerd\\.io/inject"] },
  }),
  heartbeat: setting(flag.default(true), {
    description:
      "Report the existence of the mesh and its version to Linkerd's makers once a day. Set `false` where no traffic may leave the cluster.",
    table: "other",
    chartValues: { controlPlane: ["disableHeartBeat", "heartbeatSchedule"] },
  }),
  networkValidatorAddress: setting(
    z
      .string(VALIDATOR_ADDRESS)
      .refine((text) => Number(ADDRESS.exec(text)?.[2] ?? Number.NaN) <= 65535, VALIDATOR_ADDRESS)
      .default(DEFAULT_NETWORK_VALIDATOR_ADDRESS),
    {
      description:
        "`<address>:<port>` that the network validator of each pod dials to verify the redirection. It must be routed out of the pod, but nothing has to answer. In an air-gapped cluster, set an address that has a route.",
      table: "cni",
      chartValues: { controlPlane: ["networkValidator.connectAddr"] },
    },
  ),
  ...monitoringShape,
  extraValues: setting(
    object({
      crds: chartValues("linkerd-crds"),
      controlPlane: chartValues("linkerd-control-plane"),
      viz: chartValues("linkerd-viz"),
      cni: chartValues("linkerd2-cni"),
    }).default({}),
    {
      description:
        "Values of `linkerd-crds`, `linkerd-control-plane`, `linkerd-viz` and `linkerd2-cni` that no setting owns, nested as in their `values.yaml`. They are merged last; lists are replaced. A value that a setting owns is rejected with the name of the setting. If one value is set with `--secret`, all of them are encrypted in the state and hidden in previews; Helm keeps them in the release's Secret.",
      table: "other",
    },
  ),
};
