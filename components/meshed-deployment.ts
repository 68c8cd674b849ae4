import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { injectedTemplate, mapInput } from "./injection.ts";

/** Exactly what `k8s.apps.v1.Deployment` takes: `metadata` and `spec`, Outputs anywhere. */
export type MeshedDeploymentArgs = k8s.apps.v1.DeploymentArgs;

/**
 * A drop-in for `k8s.apps.v1.Deployment` whose pods are in the mesh.
 *
 * The pod template gets the label and the annotation `linkerd.io/inject: enabled`; the selector, which
 * cannot be changed later, gets neither. What the caller set is kept: a template that says `disabled` in
 * either place stays out of the mesh.
 */
export class MeshedDeployment extends pulumi.ComponentResource {
  /** The Deployment itself. */
  public readonly deployment: k8s.apps.v1.Deployment;

  constructor(name: string, args: MeshedDeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:workloads:MeshedDeployment", name, {}, opts);
    const spec = args.spec as pulumi.Input<k8s.types.input.apps.v1.DeploymentSpec> | undefined;
    // Named as the component, without a suffix: its generated name stays what a plain Deployment would get.
    this.deployment = new k8s.apps.v1.Deployment(
      name,
      {
        ...args,
        ...(spec && {
          spec: mapInput(spec, (plain) => ({ ...plain, template: injectedTemplate(plain.template) })),
        }),
      },
      { parent: this },
    );
    this.registerOutputs({ deployment: this.deployment });
  }
}
