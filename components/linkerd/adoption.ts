/** A mesh that somebody installed with Helm, taken over as it runs. */
import type * as pulumi from "@pulumi/pulumi";

/**
 * A transform for a `ServiceMesh`: its namespaces, Secrets and Helm releases are those that are in the cluster
 * already, by the same names. Pulumi imports each and updates it to what is asked for; none is replaced.
 *
 * The chart's own Secrets are ours from then on and no part of the release, so Helm would delete them at its
 * upgrade, right after they were written. It looks at the annotation of what is in the cluster first
 * (helm.sh/helm/v3, pkg/kube/client.go, `Update`).
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
        "pulumi.com/patchForce": "true",
      };
      return { props: { ...rest, metadata: { ...metadata, annotations } }, opts };
    }
    default:
      return undefined;
  }
};
