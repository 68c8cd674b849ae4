/** The ports that `allowFrom` guards, and what would keep it from guarding them or lock the kubelet out. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { known, peek } from "../inputs.ts";
import { includesPort } from "../linkerd/ports.ts";
import type { Mistakes } from "../mistakes.ts";
import { SKIP_INBOUND_PORTS } from "./annotations.ts";
import type { MeshedDeploymentArgs } from "./deployment-args.ts";
import { type ContainerPort, portList } from "./port-items.ts";
import { INJECT_KEY } from "./template.ts";

/** What is looked at: the Deployment as it will be, its ports, and those of them that are opaque. */
interface Guarded {
  deployment: k8s.apps.v1.DeploymentArgs;
  ports: pulumi.Input<ContainerPort[]>;
  opaque: pulumi.Input<string>;
}

/** The TCP ports that reach the proxy, which have to be known: a Server is made for each. */
export function portsToGuard(
  args: MeshedDeploymentArgs,
  { deployment, ports, opaque }: Guarded,
  mistakes: Mistakes,
): readonly ContainerPort[] {
  const { allowFrom } = args;
  if (allowFrom === undefined) return [];
  if (allowFrom.length === 0) {
    mistakes.add("allowFrom", 'expected a caller at least, e.g. [{ serviceAccount: "web" }]; given none.');
  }
  const template = peek(deployment.spec, "template");
  if (peek(template, "metadata", "annotations", INJECT_KEY) === "disabled") {
    mistakes.add(
      "allowFrom",
      "the pods stay out of the mesh, where nobody asks who calls. Expected one of the two.",
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
  const skipped = skippedPorts(args, plain, template);
  const guarded = plain.filter(
    ({ protocol = "TCP", containerPort }) => protocol === "TCP" && !includesPort(skipped, containerPort),
  );
  if (guarded.length === 0) {
    const why = plain.length === 0 || skipped === "" ? "" : " that reach the proxy";
    mistakes.add("allowFrom", `the containers have no TCP ports to guard${why}. Name them in the spec.`);
  }
  checkProbes(template, guarded, known(opaque) ?? "", mistakes);
  return guarded;
}

/** Ports that pass the proxy by, as far as that is known: no policy holds for them. */
function skippedPorts({ mesh }: MeshedDeploymentArgs, ports: ContainerPort[], template: unknown): string {
  const written = peek(template, "metadata", "annotations", SKIP_INBOUND_PORTS);
  const items = typeof written === "string" ? written.split(",") : (known(mesh?.skipInboundPorts) ?? []);
  try {
    return portList([], items as string[], ports);
  } catch (error) {
    if (error instanceof RangeError) return ""; // It is told where the annotation is made.
    throw error;
  }
}

/**
 * The kubelet has no identity. Linkerd lets its HTTP probes in by their paths, which a port has that is not opaque,
 * and no others (linkerd2, policy-controller/k8s/index/src/inbound/workload.rs).
 */
function checkProbes(
  template: unknown,
  guarded: readonly ContainerPort[],
  opaque: string,
  mistakes: Mistakes,
): void {
  const containers = peek(template, "spec", "containers");
  for (const container of Array.isArray(containers) ? containers : []) {
    for (const probe of ["readinessProbe", "livenessProbe", "startupProbe"]) {
      const refused = (handler: "grpc" | "httpGet") => {
        const asked = peek(container, probe, handler, "port");
        return guarded.find(({ name, containerPort }) => asked === containerPort || (name && asked === name));
      };
      const grpc = refused("grpc");
      const http = refused("httpGet");
      if (grpc) {
        mistakes.add(
          "allowFrom",
          `the ${probe} calls port ${grpc.containerPort} by gRPC, and the kubelet has no identity to be let in by. ` +
            "Expected httpGet, or a port that the containers do not name.",
        );
      } else if (http && includesPort(opaque, http.containerPort)) {
        mistakes.add(
          "allowFrom",
          `the ${probe} calls port ${http.containerPort}, which is opaque: Linkerd sees no probe in it to let in. ` +
            "Expected a port that is not, or one that the containers do not name.",
        );
      }
    }
  }
}
