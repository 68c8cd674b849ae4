/** Facts about the mesh, read before the checks run. */
import type { CertificateSummary } from "../../components/certificates/report.ts";
import type { InjectionMode } from "../../components/linkerd/values/mesh-settings.ts";
import type { MeshRef } from "../../components/meshing/mesh-options.ts";
import type { AdmissionCounters } from "./admission-counters.ts";

/** The outputs of a mesh stack of this project. */
export interface StackFacts {
  /** Name of the stack as given, e.g. `prod`. */
  readonly stack: string;
  /** The outputs that `mesh.ref` of a workload takes. */
  readonly ref: MeshRef;
  /** All trust anchors, PEM; empty if the stack does not manage them. */
  readonly trustBundlePem: string;
  readonly certificates: readonly CertificateSummary[];
  /** The setting `injection`; its default if an older release updated the stack last. */
  readonly injection: InjectionMode;
}

/** The mesh in the cluster. */
export interface MeshFacts {
  /** The namespace of the control plane. */
  readonly namespace: string;
  /** From the ConfigMap `linkerd-config`. */
  readonly trustDomain: string;
  /** All trust anchors in the ConfigMap `linkerd-identity-trust-roots`, PEM. */
  readonly trustRootsPem: string;
  /** The namespace of linkerd-viz; `undefined` without viz. */
  readonly vizNamespace: string | undefined;
  /** Whether the cluster has this project's policy that copies the injection label into the annotation. */
  readonly injectsByLabel: boolean;
  /** `undefined` if no stack was named, as for a mesh that another tool installed. */
  readonly stack: StackFacts | undefined;
  /** Read before the workloads are created; `undefined` without access to `/metrics` of the API server. */
  readonly admissionAtStart: AdmissionCounters | undefined;
}

/** The identity of a ServiceAccount in the mesh (https://linkerd.io/2/features/automatic-mtls/). */
export function identityOf(
  mesh: Pick<MeshFacts, "namespace" | "trustDomain">,
  namespace: string,
  serviceAccount: string,
): string {
  return `${serviceAccount}.${namespace}.serviceaccount.identity.${mesh.namespace}.${mesh.trustDomain}`;
}
