import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ownerAnnotation } from "../../inputs/owner.ts";
import { IssueCollector } from "../../inputs/validation.ts";
import { TAKE_FIELDS_OVER } from "../../linkerd/field-ownership.ts";
import { checkOutputs } from "../../linkerd/output-validation.ts";
import type { MeshSettings } from "../../linkerd/values/mesh-settings.ts";
import { tapIssues } from "../../linkerd/values/viz-access/tap-settings.ts";
import { vizAccessIssues } from "../../linkerd/values/viz-access/viz-access-rules.ts";
import { DEFAULT_VIZ_USER, vizAuth } from "../../linkerd/values/viz-access/viz-access-settings.ts";
import { type BasicAuth, createBasicAuth } from "./basic-auth.ts";
import { createHttpRoute, createIngress } from "./routes.ts";
import { createTapPermission, type TapPermission } from "./tap-permissions.ts";
import { createWebPolicy, type WebPolicy } from "./web-policy.ts";

/** {@link VizAccess} */
export interface VizAccessArgs extends Pick<MeshSettings, "vizAccess" | "tap"> {
  /** Namespace of the viz extension. */
  namespace: pulumi.Input<string>;
  /** Who manages the permissions to tap: the value of their annotation `linkerd-mesh/stack`. @default no annotation */
  owner?: pulumi.Input<string> | undefined;
}

/** The name of the objects in viz's namespace, such as the Server that locks the dashboard. */
export const POLICY_NAME = "viz-access";

/**
 * Who may reach viz's dashboard, and who may tap. Without `vizAccess`, nothing inside the cluster reaches the dashboard,
 * and `linkerd viz dashboard` works as before.
 *
 * Requires Linkerd's CRDs, the chart value `dashboard.enforcedHostRegexp` of `LinkerdViz` for the same `vizAccess`, and
 * for Traefik its CRD Middleware.
 */
export class VizAccess extends pulumi.ComponentResource {
  /** The lock of the dashboard inside the cluster. */
  public readonly policy: WebPolicy;
  /** The Ingress to the dashboard; `undefined` without `vizAccess.ingress`. */
  public readonly ingress: k8s.networking.v1.Ingress | undefined;
  /** The HTTPRoute to the dashboard; `undefined` without `vizAccess.gateway`. */
  public readonly httpRoute: k8s.apiextensions.CustomResource | undefined;
  /** The password and its Secret; `undefined` unless the ingress controller requires a password. */
  public readonly basicAuth: BasicAuth | undefined;
  /** The permissions of `tap.viewers`, in their order. */
  public readonly tapPermissions: readonly TapPermission[];
  /** URL of the dashboard; `undefined` without `vizAccess.host`. */
  public readonly url: pulumi.Output<string> | undefined;
  /** Name of the user; `undefined` unless the ingress controller requires a password. */
  public readonly user: pulumi.Output<string> | undefined;
  /** The password. Secret. `undefined` unless the ingress controller requires one. */
  public readonly password: pulumi.Output<string> | undefined;

  constructor(name: string, args: VizAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    const issues = new IssueCollector(`VizAccess "${name}"`);
    issues.add(...vizAccessIssues(args.vizAccess), ...tapIssues(args.tap));
    issues.assertValid();

    super("linkerd-mesh:observability:VizAccess", name, {}, opts);
    issues.attachTo(this);
    const { vizAccess: access = {}, tap = {}, namespace, owner } = checkOutputs(args, issues).settings;
    const { allowFrom, host, ingress, gateway, insecure = false, user = DEFAULT_VIZ_USER } = access;
    const parent = { parent: this };
    const metadata = { name: POLICY_NAME, namespace, annotations: TAKE_FIELDS_OVER };
    this.policy = createWebPolicy(name, { metadata, allowFrom }, parent);
    this.basicAuth =
      ingress && vizAuth(access) === "basic"
        ? createBasicAuth(name, { controller: ingress.controller, user, metadata }, parent)
        : undefined;
    this.ingress =
      ingress && host !== undefined
        ? createIngress(name, { ingress, host, metadata, basicAuth: this.basicAuth }, parent)
        : undefined;
    this.httpRoute =
      gateway && host !== undefined ? createHttpRoute(name, { gateway, host, metadata }, parent) : undefined;
    this.tapPermissions = (tap.viewers ?? []).map((viewer) =>
      createTapPermission(name, viewer, { ...TAKE_FIELDS_OVER, ...ownerAnnotation(owner) }, parent),
    );
    const scheme = insecure ? "http" : "https";
    this.url = host === undefined ? undefined : pulumi.interpolate`${scheme}://${host}/`;
    this.user = this.basicAuth && pulumi.output(user);
    this.password = this.basicAuth?.password.result;
    this.registerOutputs({ url: this.url, user: this.user });
  }
}
