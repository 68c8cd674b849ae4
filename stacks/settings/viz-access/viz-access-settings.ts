/** The settings `vizAccess` and `tap`. `components/linkerd/values/viz-access` defines what they mean. */
import { z } from "zod";
import { DEFAULT_IGNORED_HEADERS } from "../../../components/linkerd/values/viz-access/tap-settings.ts";
import {
  DEFAULT_VIZ_USER,
  INGRESS_CONTROLLERS,
  VIZ_AUTHS,
} from "../../../components/linkerd/values/viz-access/viz-access-settings.ts";
import { dnsLabel, flag, object, oneOf, setting } from "../common-schemas.ts";

const text = (requirement: string) => z.string(`must be ${requirement}`);

const caller = object({
  serviceAccount: text("the name of a ServiceAccount"),
  namespace: text("the name of a namespace"),
});

const ingress = object({
  controller: setting(oneOf(INGRESS_CONTROLLERS), {
    description:
      "The controller that serves the Ingress: `traefik`, `f5-nginx`, `haproxy` (of HAProxy Technologies), `ingress-nginx` (retired) or `other`.",
    defaultText: "none",
  }),
  className: setting(text("the name of an IngressClass").optional(), {
    description: "Name of the IngressClass.",
    defaultText: "the cluster's default class",
  }),
  annotations: setting(
    z.record(z.string(), text("text"), "must be an object: annotations of the Ingress").optional(),
    {
      description: "Annotations of the Ingress, e.g. `cert-manager.io/cluster-issuer`.",
      defaultText: "`{}`",
    },
  ),
  tlsSecret: setting(text("the name of a Secret").optional(), {
    description:
      "Name of the TLS Secret in viz's namespace. cert-manager creates it, if the Ingress has its annotation.",
    defaultText: "none",
  }),
});

const parent = object({
  name: text("the name of a Gateway"),
  namespace: text("the name of a namespace").optional(),
  sectionName: text("the name of a listener").optional(),
});

const gateway = object({
  parentRefs: setting(z.array(parent, "must be a list of Gateways, each with a name"), {
    description: "The Gateways of the HTTPRoute: `name`, `namespace` and `sectionName`, the listener.",
    defaultText: "none",
  }),
  filters: setting(
    z
      .array(
        z.record(z.string(), z.unknown(), "must be an object: a filter of an HTTPRoute"),
        "must be a list of filters",
      )
      .optional(),
    { description: "Filters of the HTTPRoute, as Kubernetes has them.", defaultText: "`[]`" },
  ),
});

const vizAccess = object({
  allowFrom: setting(
    z
      .union(
        [z.literal("all"), z.array(caller)],
        'must be a list of ServiceAccounts, e.g. [{"serviceAccount": "traefik", "namespace": "traefik"}], or "all"',
      )
      .optional(),
    {
      description:
        "Who may call the dashboard inside the cluster: ServiceAccounts of meshed pods, each with `serviceAccount` and `namespace`, or `all`, which opens it to every pod.",
      defaultText: "nobody: only `kubectl port-forward` and `linkerd viz dashboard`",
    },
  ),
  host: setting(text("a host name").optional(), {
    description:
      "Host name of the dashboard in browsers. `localhost` and the names of the Service stay valid.",
    defaultText: "none",
    chartValues: { viz: ["dashboard.enforcedHostRegexp"] },
  }),
  ingress: setting(ingress.optional(), {
    description: "Create an Ingress for the host.",
    defaultText: "none",
  }),
  gateway: setting(gateway.optional(), {
    description: "Create an HTTPRoute for the host.",
    defaultText: "none",
  }),
  auth: setting(oneOf(VIZ_AUTHS).optional(), {
    description:
      "`basic`: the ingress controller requires the user and the password in the outputs `vizUser` and `vizPassword`. `external`: something else authenticates people.",
    defaultText: "`basic` with an Ingress of a known controller, else required",
  }),
  user: setting(text("the name of a user").optional(), {
    description: "The user with `auth: basic`.",
    defaultText: `\`${DEFAULT_VIZ_USER}\``,
  }),
  insecure: setting(flag.optional(), {
    description: "Serve the host with plain HTTP. Required for an Ingress without `tlsSecret`.",
    defaultText: "`false`",
  }),
  restrictPrivileges: setting(flag.optional(), {
    description: "Take the permission to tap and to check the installation from the dashboard.",
    defaultText: "`false`",
    chartValues: { viz: ["dashboard.restrictPrivileges"] },
  }),
});

const viewer = object({
  namespace: dnsLabel,
  groups: z.array(
    text("the name of a group").min(1, "must be the name of a group"),
    "must be a list of groups",
  ),
});

const tap = object({
  ignoreHeaders: setting(z.array(text("the name of a header"), "must be a list of headers").optional(), {
    description:
      "HTTP headers that tap does not show, in lower case. Tap always shows paths with their query strings.",
    defaultText: `\`[${DEFAULT_IGNORED_HEADERS.join(", ")}]\``,
    chartValues: { viz: ["tap.ignoreHeaders"] },
  }),
  viewers: setting(z.array(viewer, "must be a list of namespaces, each with its groups").optional(), {
    description:
      "Groups that may use `linkerd viz tap`, for each namespace: `namespace`, which must exist, and `groups`.",
    defaultText: "`[]`",
  }),
});

/** The settings with their defaults. */
export const vizAccessShape = {
  vizAccess: setting(vizAccess.default({}), {
    description: "Who may reach viz's dashboard.",
    table: "viz-access",
  }),
  tap: setting(tap.default({}), { description: "What tap shows, and to whom.", table: "viz-access" }),
};
