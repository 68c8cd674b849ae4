/** Adoption of a Linkerd installation that was installed with Helm. */
import type * as pulumi from "@pulumi/pulumi";
import { sealSecrets } from "../inputs/sealed-secrets.ts";
import { TAKE_FIELDS_OVER } from "./field-ownership.ts";

/** A transform that imports the Helm release with this name, `<namespace>/<name>`. */
export function importRelease(id: string): pulumi.ResourceTransform {
  return ({ type, props, opts }) =>
    type === "kubernetes:helm.sh/v3:Release" && id.endsWith(`/${props.name}`)
      ? { props, opts: { ...opts, import: id } }
      : undefined;
}

/**
 * A transform for a `ServiceMesh` that takes over the namespaces, Secrets and Helm releases of the same names in the
 * cluster. None of them is replaced.
 *
 * Pulumi imports namespaces and releases, and then updates them. It would replace an imported Secret whose data
 * changes, so Secrets are not imported: they are applied over the existing ones and keep the existing type, which
 * Kubernetes does not allow to change. The Secrets then no longer belong to the charts' releases, and the upgrade
 * that follows would delete them. The annotation `helm.sh/resource-policy: keep` prevents that, because Helm reads it
 * from the object in the cluster (helm.sh/helm/v3, pkg/kube/client.go).
 */
export const adoptHelmInstall: pulumi.ResourceTransform = async ({ type, props, opts }) => {
  const { name, namespace } = props.metadata ?? props;
  switch (type) {
    case "kubernetes:core/v1:Namespace":
      return { props, opts: { ...opts, import: name } };
    case "kubernetes:helm.sh/v3:Release":
      return { props: await sealSecrets(props), opts: { ...opts, import: `${namespace}/${name}` } };
    case "kubernetes:core/v1:Secret": {
      const { type: _, metadata, ...rest } = props;
      const annotations = {
        ...metadata.annotations,
        "helm.sh/resource-policy": "keep",
        ...TAKE_FIELDS_OVER,
      };
      return { props: await sealSecrets({ ...rest, metadata: { ...metadata, annotations } }), opts };
    }
    default:
      return undefined;
  }
};
