/** The password of viz's dashboard, and how ingress controllers require it. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { findController, REALM } from "../../linkerd/values/viz-access/ingress-controllers.ts";
import type { IngressControllerName } from "../../linkerd/values/viz-access/viz-access-settings.ts";

/** The resources of {@link createBasicAuth}. */
export interface BasicAuth {
  /** The password with its hash. Both are secret outputs. */
  readonly password: random.RandomPassword;
  /** The Secret with the hash, in the shape that the controller reads. */
  readonly secret: k8s.core.v1.Secret;
  /** Traefik's Middleware; `undefined` for other controllers. */
  readonly middleware: k8s.apiextensions.CustomResource | undefined;
}

/**
 * Characters of the password, letters and digits: about 190 bits. bcrypt ignores all but the first 72 bytes
 * (golang.org/x/crypto/bcrypt).
 */
const PASSWORD_LENGTH = 32;

/**
 * Creates a password and the resources with which the controller requires it. The provider computes the bcrypt hash once
 * and keeps it in the state (terraform-provider-random, `bcrypt_hash`), because every computation has another salt and
 * would change the Secret in each `up`.
 *
 * Pulumi replaces a Secret whose data or type changes. Its generated name lets the new Secret exist before the former is
 * deleted, so no controller misses it when the password or the controller changes.
 */
export function createBasicAuth(
  name: string,
  args: {
    controller: IngressControllerName;
    user: string;
    /** Metadata of the Middleware: name, namespace and annotations. The Secret is in the same namespace. */
    metadata: k8s.types.input.meta.v1.ObjectMeta;
  },
  opts: pulumi.CustomResourceOptions,
): BasicAuth {
  const { controller, user, metadata } = args;
  const entry = findController(controller);
  if (!entry) throw new Error(`basic authentication of ${controller} is not known`);
  const password = new random.RandomPassword(
    `${name}-password`,
    { length: PASSWORD_LENGTH, special: false },
    opts,
  );
  const secret = new k8s.core.v1.Secret(
    `${name}-secret`,
    {
      metadata: { namespace: metadata.namespace },
      type: entry.secret.type,
      stringData: password.bcryptHash.apply((hash) => entry.secret.data(user, hash)),
    },
    opts,
  );
  const middleware =
    controller === "traefik"
      ? new k8s.apiextensions.CustomResource(
          `${name}-middleware`,
          {
            apiVersion: "traefik.io/v1alpha1",
            kind: "Middleware",
            metadata,
            // The dashboard does not need the password.
            spec: { basicAuth: { secret: secret.metadata.name, realm: REALM, removeHeader: true } },
          },
          opts,
        )
      : undefined;
  return { password, secret, middleware };
}

/** The annotations of an Ingress that requires the password. */
export function authAnnotations(
  controller: IngressControllerName,
  { secret, middleware }: BasicAuth,
): pulumi.Output<Record<string, string>> {
  const { name, namespace } = (middleware ?? secret).metadata;
  return pulumi
    .all([name, namespace])
    .apply(([name, namespace]) => findController(controller)?.authenticate(name, namespace) ?? {});
}
