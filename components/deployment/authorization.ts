/** Who may call a workload: Linkerd's policy resources, by the ServiceAccounts of the callers. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { mapInput } from "../inputs/outputs.ts";

/** A caller: the ServiceAccount that its pods run as. */
export interface WorkloadIdentity {
  /** Name of the ServiceAccount. */
  serviceAccount: pulumi.Input<string>;
  /** Its namespace. @default the namespace of the workload that is called */
  namespace?: pulumi.Input<string> | undefined;
}

/** A TCP port that policy is written for. */
export interface AuthorizedPort {
  /** Its name or else its number, as a Server selects it. */
  port: string | number;
  /** A port whose bytes are carried as they are is `opaque`: not said by its Server, detection would come back. */
  proxyProtocol: pulumi.Input<"opaque" | "unknown">;
}

/** {@link allowCallers} */
interface CalledWorkload {
  /** What others look for it by. */
  named: { name: pulumi.Input<string>; namespace: pulumi.Input<string> };
  selector: pulumi.Input<k8s.types.input.meta.v1.LabelSelector>;
  ports: readonly AuthorizedPort[];
  callers: readonly WorkloadIdentity[];
}

const GROUP = "policy.linkerd.io";

/**
 * Lets `callers` call the workload's ports, and nobody else: a Server and an AuthorizationPolicy for each port, and
 * one MeshTLSAuthentication. Plain HTTP probes that the pods declare are let in by Linkerd itself.
 *
 * A Server that no policy names lets nobody in. So the policy comes before it and goes after it, which takes a
 * Server whose name is known beforehand. A port that has no Server lets everybody in. So a Server that is renamed goes
 * after the next has come: of two for a port, Linkerd takes the older (policy-controller, inbound/index.rs).
 */
export function allowCallers(
  name: string,
  workload: CalledWorkload,
  opts: pulumi.CustomResourceOptions,
): void {
  const { name: workloadName, namespace } = workload.named;
  const metadata = { namespace };
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
  for (const { port, proxyProtocol } of workload.ports) {
    const serverName = mapInput(workloadName, (own) => `${own}-${port}`);
    const policy = new k8s.apiextensions.CustomResource(
      `${name}-${port}`,
      {
        apiVersion: `${GROUP}/v1alpha1`,
        kind: "AuthorizationPolicy",
        metadata,
        spec: {
          targetRef: { group: GROUP, kind: "Server", name: serverName },
          requiredAuthenticationRefs: [
            { group: GROUP, kind: "MeshTLSAuthentication", name: callers.metadata.name },
          ],
        },
      },
      // Changed in place, it would leave the Server of the former name without a policy.
      { ...opts, replaceOnChanges: ["spec.targetRef.name"] },
    );
    new k8s.apiextensions.CustomResource(
      `${name}-${port}`,
      {
        apiVersion: `${GROUP}/v1beta3`,
        kind: "Server",
        metadata: { name: serverName, namespace },
        spec: {
          podSelector: workload.selector,
          port,
          proxyProtocol,
        },
      },
      pulumi.mergeOptions(opts, { dependsOn: policy }),
    );
  }
}
