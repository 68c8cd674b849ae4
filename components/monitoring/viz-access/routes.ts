/** Routes from outside of the cluster to viz's dashboard. They keep `Host`, which the websocket of tap needs. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { findController } from "../../linkerd/values/viz-access/ingress-controllers.ts";
import type { VizGateway, VizIngress } from "../../linkerd/values/viz-access/viz-access-settings.ts";
import { authAnnotations, type BasicAuth } from "./basic-auth.ts";

type Metadata = k8s.types.input.meta.v1.ObjectMeta & {
  annotations: pulumi.Input<Record<string, pulumi.Input<string>>>;
};

/** The Service of the dashboard and its port (linkerd-viz, templates/web.yaml). */
const WEB = { name: "web", port: 8084 };

/**
 * Creates an Ingress to the dashboard. Without waiting for its address, which some controllers never publish. It is
 * created after the Secret and the Middleware, and deleted before them, so that a controller never serves it without
 * the password.
 */
export function createIngress(
  name: string,
  args: {
    ingress: VizIngress;
    host: pulumi.Input<string>;
    metadata: Metadata;
    basicAuth: BasicAuth | undefined;
  },
  opts: pulumi.CustomResourceOptions,
): k8s.networking.v1.Ingress {
  const { ingress, host, metadata, basicAuth } = args;
  const { controller: controllerName, className, tlsSecret } = ingress;
  const controller = findController(controllerName);
  const annotations = pulumi
    .all([
      metadata.annotations,
      ingress.annotations ?? {},
      basicAuth && authAnnotations(controllerName, basicAuth),
    ])
    .apply(([common, given, auth]) => ({
      ...common,
      "pulumi.com/skipAwait": "true",
      ...given,
      ...controller?.always,
      ...(tlsSecret !== undefined && controller?.requireTls),
      ...auth,
    }));
  const backend = { service: { name: WEB.name, port: { number: WEB.port } } };
  const dependsOn = basicAuth
    ? [basicAuth.secret, ...(basicAuth.middleware ? [basicAuth.middleware] : [])]
    : [];
  return new k8s.networking.v1.Ingress(
    `${name}-ingress`,
    {
      metadata: { ...metadata, annotations },
      spec: {
        ingressClassName: className,
        rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
        ...(tlsSecret !== undefined && { tls: [{ hosts: [host], secretName: tlsSecret }] }),
      },
    },
    pulumi.mergeOptions(opts, { dependsOn }),
  );
}

/** Creates an HTTPRoute to the dashboard. */
export function createHttpRoute(
  name: string,
  args: { gateway: VizGateway; host: pulumi.Input<string>; metadata: Metadata },
  opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
  const { gateway, host, metadata } = args;
  return new k8s.apiextensions.CustomResource(
    `${name}-route`,
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata,
      spec: {
        parentRefs: gateway.parentRefs,
        hostnames: [host],
        rules: [
          {
            matches: [{ path: { type: "PathPrefix", value: "/" } }],
            filters: gateway.filters,
            backendRefs: [WEB],
          },
        ],
      },
    },
    opts,
  );
}
