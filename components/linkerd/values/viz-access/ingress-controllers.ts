/** How each ingress controller requires a password: the shape of the Secret, and the annotations. */
import type { IngressControllerName } from "./viz-access-settings.ts";

/** A controller with basic authentication. */
interface IngressController {
  /** The Secret with the password's bcrypt hash. It has this one key. */
  readonly secret: {
    readonly type: string;
    readonly data: (user: string, hash: string) => Record<string, string>;
  };
  /** Annotations that require the password. `name` is that of Traefik's Middleware, or else of the Secret. */
  readonly authenticate: (name: string, namespace: string) => Record<string, string>;
  /** Annotations that keep plain HTTP from reaching the dashboard if the Ingress has a TLS Secret. */
  readonly requireTls: Record<string, string>;
  /** Annotations that every Ingress to the dashboard needs. */
  readonly always: Record<string, string>;
}

/** The realm of the password prompt. Without spaces, because HAProxy's configuration is separated by them. */
export const REALM = "linkerd-viz";

/** A line of Apache's htpasswd format (httpd.apache.org, "Password Formats"). */
const htpasswd = (user: string, hash: string) => `${user}:${hash}`;

/**
 * The controllers. Each takes bcrypt (`$2a$`): Traefik in its own code, the others by crypt(3) of their images, Alpine's
 * musl and Debian's libxcrypt.
 *
 * - Traefik (doc.traefik.io, "BasicAuth", and "Traefik & Kubernetes with Ingress"): a Middleware names a Secret with
 *   exactly one key, whose value has a user in each line. The annotation names the Middleware as
 *   `<namespace>-<name>@kubernetescrd`. `tls` of the Ingress selects the certificate only; with `router.tls`, the router
 *   ignores plain HTTP.
 * - F5 NGINX (docs.nginx.com, "Advanced configuration with Annotations", and kubernetes-ingress,
 *   examples/ingress-resources/basic-auth): a Secret of type `nginx.org/htpasswd` with the key `htpasswd`. WebSocket,
 *   which tap uses, is off unless the Service is listed.
 * - HAProxy (haproxytech/kubernetes-ingress, documentation/annotations.md, "Authentication"): a Secret with the name of
 *   the user as its key, and the hash as its value.
 * - ingress-nginx (kubernetes.github.io/ingress-nginx, "Basic Authentication"): a Secret with the key `auth`.
 */
export const BASIC_AUTH_CONTROLLERS: Readonly<
  Record<Exclude<IngressControllerName, "other">, IngressController>
> = {
  traefik: {
    secret: { type: "Opaque", data: (user, hash) => ({ users: htpasswd(user, hash) }) },
    authenticate: (name, namespace) => ({
      "traefik.ingress.kubernetes.io/router.middlewares": `${namespace}-${name}@kubernetescrd`,
    }),
    requireTls: { "traefik.ingress.kubernetes.io/router.tls": "true" },
    always: {},
  },
  "f5-nginx": {
    secret: { type: "nginx.org/htpasswd", data: (user, hash) => ({ htpasswd: htpasswd(user, hash) }) },
    authenticate: (name) => ({
      "nginx.org/basic-auth-secret": name,
      "nginx.org/basic-auth-realm": REALM,
    }),
    requireTls: { "ingress.kubernetes.io/ssl-redirect": "true" },
    always: { "nginx.org/websocket-services": "web" },
  },
  haproxy: {
    secret: { type: "Opaque", data: (user, hash) => ({ [user]: hash }) },
    authenticate: (name, namespace) => ({
      "haproxy.org/auth-type": "basic-auth",
      "haproxy.org/auth-secret": `${namespace}/${name}`,
      "haproxy.org/auth-realm": REALM,
    }),
    requireTls: { "haproxy.org/ssl-redirect": "true" },
    always: {},
  },
  "ingress-nginx": {
    secret: { type: "Opaque", data: (user, hash) => ({ auth: htpasswd(user, hash) }) },
    authenticate: (name) => ({
      "nginx.ingress.kubernetes.io/auth-type": "basic",
      "nginx.ingress.kubernetes.io/auth-secret": name,
      "nginx.ingress.kubernetes.io/auth-realm": REALM,
    }),
    requireTls: { "nginx.ingress.kubernetes.io/ssl-redirect": "true" },
    always: {},
  },
};

/**
 * Annotations that replace `Host`. The websocket of tap requires that `Host` is the host in `Origin`, which the browser
 * sends (linkerd2, web/srv/check_same_origin.go).
 */
export const HOST_REWRITES: readonly string[] = [
  "nginx.ingress.kubernetes.io/upstream-vhost",
  "haproxy.org/set-host",
];

/** The controller, or `undefined` for one whose basic authentication is not known. */
export function findController(name: IngressControllerName): IngressController | undefined {
  return name === "other" ? undefined : BASIC_AUTH_CONTROLLERS[name];
}
