/** The mesh identity of a workload. */
import type * as pulumi from "@pulumi/pulumi";

/** The mesh identity of a workload: the ServiceAccount that its pods run as. */
export interface WorkloadIdentity {
  /** Name of the ServiceAccount. */
  serviceAccount: pulumi.Input<string>;
  /** Namespace of the ServiceAccount. @default the namespace of the workload that is called */
  namespace?: pulumi.Input<string> | undefined;
}

/** A {@link WorkloadIdentity} in any namespace, because there is no workload whose namespace could be the default. */
export interface NamespacedIdentity extends WorkloadIdentity {
  /** Namespace of the ServiceAccount. */
  namespace: pulumi.Input<string>;
}
