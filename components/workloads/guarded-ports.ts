/** The ports that `allowFrom` guards, and what would keep it from guarding them or lock the kubelet out. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { at, known, peek } from "../inputs.ts";
import { includesPort, PROXY_PORTS } from "../linkerd/ports.ts";
import type { Mistakes } from "../mistakes.ts";
import type { GuardedPort } from "./access.ts";
import { SKIP_INBOUND_PORTS } from "./annotations.ts";
import type { MeshedDeploymentArgs } from "./deployment-args.ts";
import { type ContainerPort, itemsOf, portList } from "./port-items.ts";
import { INJECT_KEY } from "./template.ts";

/** What is looked at: the Deployment as it will be, its ports, and the lists in force, in Linkerd's form. */
interface Guarded {
  deployment: k8s.apps.v1.DeploymentArgs;
  ports: pulumi.Input<ContainerPort[]>;
  opaque: pulumi.Input<string>;
  skipInbound: pulumi.Input<string>;
}

/** The TCP ports that reach the proxy, which have to be known: a Server is made for each. */
export function portsToGuard(
  args: MeshedDeploymentArgs,
  { deployment, ports, opaque, skipInbound }: Guarded,
  mistakes: Mistakes,
): readonly GuardedPort[] {
  const { allowFrom } = args;
  if (allowFrom === undefined) return [];
  if (allowFrom.length === 0) {
    mistakes.add("allowFrom", 'expected a caller at least, e.g. [{ serviceAccount: "web" }]; given none.');
  }
  const mode = mistakes.read("allowFrom", at(deployment.spec, ...METADATA, INJECT_KEY), meshedMode);
  const template = peek(deployment.spec, "template");
  if (peek(template, "spec", "hostNetwork") === true) {
    mistakes.add(
      "allowFrom",
      "the pods are on their node's network, where Linkerd injects no proxy that would ask who calls. " +
        "Expected one of the two.",
    );
  }
  const plain = known(ports);
  if (plain === undefined) {
    mistakes.add(
      "allowFrom",
      "the containers' ports are known only later, and a Server is made for each. Give them as plain values.",
    );
    return [];
  }
  const skipped = skippedByItself(args, plain, template);
  const guarded = plain.filter(
    ({ protocol = "TCP", containerPort }) => protocol === "TCP" && !includesPort(skipped, containerPort),
  );
  if (guarded.length === 0) {
    const why = plain.length === 0 || skipped === "" ? "" : " that reach the proxy";
    mistakes.add("allowFrom", `the containers have no TCP ports to guard${why}. Name them in the spec.`);
  }
  checkProbes(template, guarded, known(opaque) ?? "", mistakes);
  return onePerName(guarded).map(({ name, containerPort }) => ({
    port: name ?? containerPort,
    proxyProtocol: mistakes.read("allowFrom", { mode, opaque, skipInbound }, (lists: Lists) =>
      protocolOf(containerPort, lists),
    ) as GuardedPort["proxyProtocol"],
  }));
}

const METADATA = ["template", "metadata", "annotations"];

function meshedMode(mode: string): string {
  if (mode !== "disabled") return mode;
  throw new RangeError(
    "the pods stay out of the mesh, where nobody asks who calls. Expected one of the two.",
  );
}

interface Lists {
  opaque: string;
  skipInbound: string;
}

function protocolOf(port: number, { opaque, skipInbound }: Lists): "opaque" | "unknown" {
  if (includesPort(`${PROXY_PORTS},${skipInbound}`, port)) {
    throw new RangeError(
      `port ${port} passes the proxy by, where nobody asks who calls: the mesh skips it inbound. Expected one that ` +
        `does not, or mesh.skipInboundPorts: [${port}], as a plain value; it is then open to everybody.`,
    );
  }
  return includesPort(opaque, port) ? "opaque" : "unknown";
}

/** A Server of a name holds for every port of the pod by that name (linkerd2, policy-controller, workload.rs). */
function onePerName(ports: readonly ContainerPort[]): ContainerPort[] {
  const names = ports.map(({ name, containerPort }) => name ?? containerPort);
  return ports.filter((_, index) => names.indexOf(names[index] as string) === index);
}

/** Ports that the workload itself has pass the proxy by, as far as that is known: no policy is asked for them. */
function skippedByItself({ mesh }: MeshedDeploymentArgs, ports: ContainerPort[], template: unknown): string {
  const written = peek(template, "metadata", "annotations", SKIP_INBOUND_PORTS);
  const items = typeof written === "string" ? itemsOf(written) : (known(mesh?.skipInboundPorts) ?? []);
  try {
    return portList([], items as string[], ports);
  } catch (error) {
    if (error instanceof RangeError) return ""; // It is told where the lists in force are read.
    throw error;
  }
}

/**
 * The kubelet has no identity. Linkerd lets its probes in by their paths, which it sees in plain HTTP on a port that is
 * not opaque, and nothing else of it (linkerd2, policy-controller/k8s/index/src/inbound/workload.rs).
 */
function checkProbes(
  template: unknown,
  guarded: readonly ContainerPort[],
  opaque: string,
  mistakes: Mistakes,
): void {
  for (const container of [...listAt(template, "containers"), ...listAt(template, "initContainers")]) {
    for (const [what, ...path] of KUBELETS) {
      for (const handler of ["grpc", "httpGet"]) {
        const asked = peek(container, ...path, handler, "port");
        const port = guarded.find(
          ({ name, containerPort }) => asked === containerPort || (name && asked === name),
        );
        if (port === undefined) continue;
        const why = refusal(what, handler, peek(container, ...path, handler, "scheme"));
        if (why !== undefined) {
          mistakes.add(
            "allowFrom",
            `the ${path.at(-1)} calls port ${port.containerPort} ${why}. ` +
              "Expected a readiness, liveness or startup probe by plain HTTP, or a port that the containers do not name.",
          );
        } else if (includesPort(opaque, port.containerPort)) {
          mistakes.add(
            "allowFrom",
            `the ${path.at(-1)} calls port ${port.containerPort}, which is opaque: Linkerd sees no probe in it to let in. ` +
              "Expected a port that is not, or one that the containers do not name.",
          );
        }
      }
    }
  }
}

/** Where a container says what the kubelet is to call. */
const KUBELETS: readonly ["probe" | "hook", ...string[]][] = [
  ["probe", "readinessProbe"],
  ["probe", "livenessProbe"],
  ["probe", "startupProbe"],
  ["hook", "lifecycle", "postStart"],
  ["hook", "lifecycle", "preStop"],
];

/** Why the call finds no way in, whatever its port carries. */
function refusal(what: "probe" | "hook", handler: string, scheme: unknown): string | undefined {
  if (handler === "grpc") return "by gRPC, and the kubelet has no identity to be let in by";
  if (scheme === "HTTPS") return "by HTTPS, in which Linkerd sees no probe to let in";
  return what === "hook" ? "and is no probe, and Linkerd lets in nothing else of the kubelet" : undefined;
}

function listAt(template: unknown, field: "containers" | "initContainers"): unknown[] {
  const containers = peek(template, "spec", field);
  return Array.isArray(containers) ? containers : [];
}
