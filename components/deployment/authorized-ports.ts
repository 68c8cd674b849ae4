/** The ports that `allowFrom` guards, and what would keep it from guarding them. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { knownValue, peekPath, readPath } from "../inputs/outputs.ts";
import type { Mistakes } from "../inputs/validation.ts";
import { includesPort, PROXY_PORTS } from "../linkerd/values/ports.ts";
import { SKIP_INBOUND_PORTS } from "../meshing/annotations.ts";
import { INJECT_KEY } from "../meshing/pod-template.ts";
import { type ContainerPort, isTcp, itemsOf, knownPorts, portList } from "../meshing/port-items.ts";
import type { MeshedDeploymentArgs } from "./arguments.ts";
import type { AuthorizedPort } from "./authorization.ts";
import { type KubeletCall, kubeletCalls } from "./kubelet-calls.ts";

/** What is looked at: the Deployment as it will be, its ports, and the lists in force, in Linkerd's form. */
interface Guarded {
  deployment: k8s.apps.v1.DeploymentArgs;
  ports: pulumi.Input<ContainerPort[]>;
  opaque: pulumi.Input<string>;
  skipInbound: pulumi.Input<string>;
}

/** The TCP ports that reach the proxy, which have to be known: a Server is made for each, or for all of one name. */
export function findAuthorizedPorts(
  args: MeshedDeploymentArgs,
  { deployment, ports, opaque, skipInbound }: Guarded,
  mistakes: Mistakes,
): readonly AuthorizedPort[] {
  const { allowFrom } = args;
  if (allowFrom === undefined) return [];
  if (allowFrom.length === 0) {
    mistakes.add("allowFrom", 'expected a caller at least, e.g. [{ serviceAccount: "web" }]; given none.');
  }
  const pods = {
    mode: readPath(deployment.spec, "template", "metadata", "annotations", INJECT_KEY),
    hostNetwork: readPath(deployment.spec, "template", "spec", "hostNetwork"),
  };
  const proxied = mistakes.read("allowFrom", pods, checkProxied);
  const plain = knownPorts("allowFrom", ports, "a Server is made for each", mistakes);
  if (plain === undefined) return [];
  const skipped = skippedByItself(args, plain);
  const guarded = plain.filter((port) => isTcp(port) && !includesPort(skipped, port.containerPort));
  if (guarded.length === 0) {
    const why = plain.length === 0 || skipped === "" ? "" : " that reach the proxy";
    mistakes.add("allowFrom", `the containers have no TCP ports to guard${why}. Name them in the spec.`);
  }
  const calls = kubeletCalls(peekPath(deployment.spec, "template"), guarded);
  for (const { by, port, refused } of calls) {
    if (refused === undefined) continue;
    mistakes.add(
      "allowFrom",
      `the ${by} calls port ${port} ${refused}. ` +
        "Expected a readiness, liveness or startup probe by plain HTTP, or a port that the containers do not name.",
    );
  }
  // A Server holds for every port of its name (linkerd2, policy-controller, workload.rs).
  const byName = Map.groupBy(guarded, ({ name, containerPort }) => name ?? containerPort);
  return [...byName].map(([port, same]) => ({
    port,
    proxyProtocol: mistakes.read("allowFrom", { proxied, opaque, skipInbound }, (lists: Lists) =>
      protocolOf(
        same.map(({ containerPort }) => containerPort),
        lists,
        calls,
      ),
    ) as AuthorizedPort["proxyProtocol"],
  }));
}

function checkProxied({ mode, hostNetwork }: { mode?: string; hostNetwork?: boolean }): boolean {
  if (mode === "disabled") {
    throw new RangeError(
      "the pods stay out of the mesh, where nobody asks who calls. Expected one of the two.",
    );
  }
  if (hostNetwork === true) {
    throw new RangeError(
      "the pods are on their node's network, where Linkerd injects no proxy that would ask who calls. " +
        "Expected one of the two.",
    );
  }
  return true;
}

interface Lists {
  opaque: string;
  skipInbound: string;
}

/** How ports of one name are carried. Throws a `RangeError` where policy would not hold, or keep the kubelet out. */
function protocolOf(
  ports: readonly number[],
  { opaque, skipInbound }: Lists,
  calls: readonly KubeletCall[],
): "opaque" | "unknown" {
  const skipped = ports.find((port) => includesPort(PROXY_PORTS, port) || includesPort(skipInbound, port));
  if (skipped !== undefined) {
    throw new RangeError(
      `port ${skipped} is skipped inbound and passes the proxy by, where nobody asks who calls. Expected one that is ` +
        `not, or mesh.skipInboundPorts: [${skipped}], as a plain value; it is then open to everybody.`,
    );
  }
  const carried = ports.filter((port) => includesPort(opaque, port));
  if (carried.length === 0) return "unknown";
  if (carried.length < ports.length) {
    throw new RangeError(
      `ports ${ports.join(", ")} have one name and so one Server, and of them only ${carried.join(", ")} ` +
        "is opaque. Expected names of their own.",
    );
  }
  const probe = calls.find(({ port }) => carried.includes(port));
  if (probe !== undefined) {
    throw new RangeError(
      `the ${probe.by} calls port ${probe.port}, which is opaque: Linkerd sees no probe in it to let in. ` +
        "Expected a port that is not, or one that the containers do not name.",
    );
  }
  return "opaque";
}

/** Ports that the caller has pass the proxy by, as far as that is known: no policy is asked for them. */
function skippedByItself({ mesh, spec }: MeshedDeploymentArgs, ports: ContainerPort[]): string {
  const written = peekPath(spec, "template", "metadata", "annotations", SKIP_INBOUND_PORTS);
  const items = typeof written === "string" ? itemsOf(written) : (knownValue(mesh?.skipInboundPorts) ?? []);
  try {
    return portList([], items as string[], ports);
  } catch (error) {
    if (error instanceof RangeError) return ""; // It is told where the lists in force are read.
    throw error;
  }
}
