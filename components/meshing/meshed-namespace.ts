import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { mapInput, peekPath } from "../inputs/outputs.ts";
import { IssueCollector } from "../inputs/validation.ts";
import type { WorkloadIdentity } from "../inputs/workload-identity.ts";
import { createScrapePolicies, readScrapers, type ScrapePolicies } from "../linkerd/scrape-policies.ts";
import { meshAnnotations, withoutRestartAnnotations } from "./annotations.ts";
import type { MeshOptions } from "./mesh-options.ts";
import { INJECT_KEY, meshedMetadata, type ObjectMeta } from "./pod-template.ts";
import { splitOptions, type WrappedResourceOptions } from "./wrapped-resource-options.ts";

/** Arguments of `k8s.core.v1.Namespace`, plus the mesh options of its pods. */
export interface MeshedNamespaceArgs extends k8s.core.v1.NamespaceArgs {
  /**
   * Mesh options of every pod in the namespace that does not set its own. A port list of a pod replaces the one of the
   * namespace. Port lists of a namespace cannot contain port names. `ref` is used for its port lists only: pods do not
   * restart when the annotations of their namespace change.
   * @default `inject: "enabled"`, and the mesh's configuration
   */
  mesh?: MeshOptions | undefined;
  /**
   * The ServiceAccounts that may scrape the proxies of the namespace, for a mesh or pods with the inbound policy `deny`: a
   * Prometheus, whose pods must be meshed. It creates a Server for the port `linkerd-admin` (4191), an AuthorizationPolicy and a
   * MeshTLSAuthentication, which need the CRDs of Linkerd. Nobody else may call the port then, whatever the inbound policy is,
   * except the kubelet's probes. The list is plain, because it decides which resources exist.
   * @default none: the inbound policy decides
   * @example The Prometheus of viz:
   * ```ts
   * new MeshedNamespace("shop", { scrapedBy: [{ serviceAccount: "prometheus", namespace: "linkerd-viz" }] });
   * ```
   */
  scrapedBy?: WorkloadIdentity[] | undefined;
}

/**
 * A drop-in for `k8s.core.v1.Namespace` whose pods are meshed. It has the annotation `linkerd.io/inject: enabled`, which
 * the injector reads, and the label of the same name, for selectors. In a mesh with `injection: namespace`, only the
 * pods that have the label themselves are injected.
 *
 * A plain Namespace of the same name is adopted by an alias, without a replacement:
 * `{ aliases: [{ type: "kubernetes:core/v1:Namespace" }] }`.
 *
 * Throws a `ValidationError`, a `pulumi.RunError`, with every issue in `mesh`, before anything is registered. Values in
 * Outputs are checked when they resolve.
 */
export class MeshedNamespace extends pulumi.ComponentResource {
  /** The Namespace itself. */
  public readonly namespace: k8s.core.v1.Namespace;
  /** The name of the Namespace in the cluster. */
  public readonly name: pulumi.Output<string>;
  /** The policy resources of `scrapedBy`; `undefined` without it. */
  public readonly scrapePolicies: ScrapePolicies | undefined;

  constructor(name: string, args: MeshedNamespaceArgs = {}, opts?: WrappedResourceOptions) {
    const { mesh = {}, metadata, scrapedBy, ...namespace } = args;
    const issues = new IssueCollector(`MeshedNamespace "${name}"`);
    const annotations = withoutRestartAnnotations(meshAnnotations(mesh, undefined, issues));
    const scrapers = scrapedBy && readScrapers(["scrapedBy"], scrapedBy, issues);
    if (scrapers) validateMeshed(mesh, metadata, issues);
    issues.assertValid();
    const options = splitOptions("Namespace", name, opts);
    super("linkerd-mesh:workloads:MeshedNamespace", name, {}, options.component);
    issues.attachTo(this);
    this.namespace = new k8s.core.v1.Namespace(
      name,
      {
        ...namespace,
        metadata: mapInput(metadata as pulumi.Input<ObjectMeta | undefined>, (own) =>
          meshedMetadata(own, mesh, annotations, (warning) => {
            void pulumi.log.warn(warning, this);
          }),
        ),
      },
      { ...options.resource, parent: this },
    );
    this.name = this.namespace.metadata.name;
    this.scrapePolicies =
      scrapers && createScrapePolicies(name, this.name, scrapers, { ...options.child, parent: this });
    this.registerOutputs({ name: this.name });
  }

  // The outputs of the Namespace. Getters, because an Output has a cost and most programs read few of them.

  /** The ID of the Namespace in Pulumi's state. */
  get id(): pulumi.Output<pulumi.ID> {
    return this.namespace.id;
  }

  /** The metadata of the Namespace. */
  get metadata(): k8s.core.v1.Namespace["metadata"] {
    return this.namespace.metadata;
  }

  /** The spec of the Namespace. */
  get spec(): k8s.core.v1.Namespace["spec"] {
    return this.namespace.spec;
  }

  /** The status of the Namespace. */
  get status(): k8s.core.v1.Namespace["status"] {
    return this.namespace.status;
  }
}

/** Rejects a namespace that stays out of the mesh: it has no proxies to scrape. */
function validateMeshed(
  { inject }: MeshOptions,
  metadata: MeshedNamespaceArgs["metadata"],
  issues: IssueCollector,
): void {
  const requested = ["annotations", "labels"].map((field) => peekPath(metadata, field, INJECT_KEY));
  if ([...requested, inject].find((mode) => mode !== undefined) !== "disabled") return;
  issues.add({
    path: ["scrapedBy"],
    reason: "must be used with a namespace that is meshed",
    got: `${INJECT_KEY}: disabled`,
    because: "Pods without a proxy have no metrics of Linkerd",
    fixes: [{ kind: "remove" }, { kind: "instruction", text: "enable injection" }],
  });
}
