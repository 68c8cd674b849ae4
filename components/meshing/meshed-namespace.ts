import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { mapInput } from "../inputs/outputs.ts";
import { Mistakes } from "../inputs/validation.ts";
import { meshAnnotations, withoutRestartAnnotations } from "./annotations.ts";
import type { MeshOptions } from "./mesh-options.ts";
import { meshedMetadata, type ObjectMeta } from "./pod-template.ts";
import { splitOptions, type WrappedResourceOptions } from "./wrapped-resource-options.ts";

/** What `k8s.core.v1.Namespace` takes, and what its pods want of the mesh. */
export interface MeshedNamespaceArgs extends k8s.core.v1.NamespaceArgs {
  /**
   * Holds for every pod of the namespace that says nothing else; a list of a pod's own takes the place of the
   * namespace's. Port names have no meaning here, and `from` is asked for its port lists alone: no pod rolls with
   * its namespace.
   */
  mesh?: MeshOptions | undefined;
}

/**
 * A drop-in for `k8s.core.v1.Namespace` all of whose pods are in the mesh: the annotation
 * `linkerd.io/inject: enabled`, which the injector reads, and the label of that name, to select by. In a mesh with
 * `injection: namespace` those of its pods are that bear the label too.
 *
 * A plain Namespace of the same name moves in by an alias, without being replaced:
 * `{ aliases: [{ type: "kubernetes:core/v1:Namespace" }] }`.
 */
export class MeshedNamespace extends pulumi.ComponentResource {
  /** The Namespace itself. */
  public readonly namespace: k8s.core.v1.Namespace;
  /** Its name. */
  public readonly name: pulumi.Output<string>;

  constructor(name: string, args: MeshedNamespaceArgs = {}, opts?: WrappedResourceOptions) {
    const { mesh = {}, metadata, ...namespace } = args;
    const mistakes = new Mistakes(`MeshedNamespace "${name}"`);
    const annotations = withoutRestartAnnotations(meshAnnotations(mesh, [], mistakes));
    mistakes.throw();
    const options = splitOptions("Namespace", name, opts);
    super("linkerd-mesh:workloads:MeshedNamespace", name, {}, options.component);
    this.namespace = new k8s.core.v1.Namespace(
      name,
      {
        ...namespace,
        metadata: mapInput(metadata as pulumi.Input<ObjectMeta | undefined>, (own) =>
          meshedMetadata(own, mesh.inject, annotations, (contradiction) => {
            void pulumi.log.warn(contradiction, this);
          }),
        ),
      },
      { ...options.resource, parent: this },
    );
    this.name = this.namespace.metadata.name;
    this.registerOutputs({ name: this.name });
  }
}
