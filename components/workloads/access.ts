/** Who may call a workload: Linkerd's policy resources, by the ServiceAccounts of the callers. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { mapInput } from "../inputs.ts";
import { includesPort } from "../linkerd/ports.ts";
import type { ContainerPort } from "./port-items.ts";

/** A caller: the ServiceAccount that its pods run as. */
export interface WorkloadIdentity {
  /** Name of the ServiceAccount. */
  serviceAccount: pulumi.Input<string>;
  /** Its namespace. @default the namespace of the workload that is called */
  namespace?: pulumi.Input<string> | undefined;
}

/** {@link allowCallers} */
interface CalledWorkload {
  namespace: pulumi.Input<string | undefined>;
  selector: pulumi.Input<k8s.types.input.meta.v1.LabelSelector>;
  ports: readonly ContainerPort[];
  /** Ports whose bytes are carried as they are: a Server has to say so too, or detection would come back. */
  opaque: pulumi.Input<string>;
  callers: readonly WorkloadIdentity[];
}

const GROUP = "policy.linkerd.io";

/**
 * Lets `callers` call the workload's TCP ports, and nobody else: a Server and an AuthorizationPolicy for each
 * port, and one MeshTLSAuthentication. HTTP probes that the pods declare are let in by Linkerd itself.
 */
export function allowCallers(
  name: string,
  workload: CalledWorkload,
  opts: pulumi.CustomResourceOptions,
): void {
  const metadata = { namespace: workload.namespace as pulumi.Input<string> };
  const callers = new k8s.apiextensions.CustomResource(
    `${name}-callers`,
    {
      apiVersion: `${GROUP}/v1alpha1`,
      kind: "MeshTLSAuthentication",
      metadata,
      spec: {
        identityRefs: workload.callers.map(({ serviceAccount, namespace }) => ({
          kind: "ServiceAccount",
          name: serviceAccount,
          ...(namespace !== undefined && { namespace }),
        })),
      },
    },
    opts,
  );
  for (const { name: portName, containerPort, protocol = "TCP" } of workload.ports) {
    if (protocol !== "TCP") continue;
    const child = `${name}-${portName ?? containerPort}`;
    const server = new k8s.apiextensions.CustomResource(
      child,
      {
        apiVersion: `${GROUP}/v1beta3`,
        kind: "Server",
        metadata,
        spec: {
          podSelector: workload.selector,
          port: portName ?? containerPort,
          proxyProtocol: mapInput(workload.opaque, (opaque) =>
            includesPort(opaque, containerPort) ? "opaque" : "unknown",
          ),
        },
      },
      opts,
    );
    new k8s.apiextensions.CustomResource(
      child,
      {
        apiVersion: `${GROUP}/v1alpha1`,
        kind: "AuthorizationPolicy",
        metadata,
        spec: {
          targetRef: { group: GROUP, kind: "Server", name: server.metadata.name },
          requiredAuthenticationRefs: [
            { group: GROUP, kind: "MeshTLSAuthentication", name: callers.metadata.name },
          ],
        },
      },
      opts,
    );
  }
}
