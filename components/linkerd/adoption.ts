/** A mesh that somebody installed with Helm, taken over as it runs. */
import type * as pulumi from "@pulumi/pulumi";
import { TAKE_FIELDS_OVER } from "./field-ownership.ts";

/**
 * A transform for a `ServiceMesh`: its namespaces, Secrets and Helm releases are those that are in the cluster
 * already, by the same names. None is replaced.
 *
 * Pulumi imports namespaces and releases, and updates them. A Secret it would replace, as it does with each whose
 * data changes; not imported, one is written over where it is, with its type, which Kubernetes lets nobody change.
 * The charts' Secrets are no part of the releases from then on, so Helm would delete them at its upgrade, right
 * after that. It looks at the annotation of what is in the cluster first (helm.sh/helm/v3, pkg/kube/client.go).
 */
export const adoptHelmInstall: pulumi.ResourceTransform = ({ type, props, opts }) => {
  const { name, namespace } = props.metadata ?? props;
  switch (type) {
    case "kubernetes:core/v1:Namespace":
      return { props, opts: { ...opts, import: name } };
    case "kubernetes:helm.sh/v3:Release":
      return { props, opts: { ...opts, import: `${namespace}/${name}` } };
    case "kubernetes:core/v1:Secret": {
      const { type: _, metadata, ...rest } = props;
      const annotations = {
        ...metadata.annotations,
        "helm.sh/resource-policy": "keep",
        ...TAKE_FIELDS_OVER,
      };
      return { props: { ...rest, metadata: { ...metadata, annotations } }, opts };
    }
    default:
      return undefined;
  }
};
