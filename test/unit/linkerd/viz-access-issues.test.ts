import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { ServiceMesh, type TapSettings, type VizAccessSettings } from "../../../components/index.ts";
import { formatIssue } from "../../../components/inputs/validation.ts";
import { settingIssues } from "../../../components/linkerd/mesh-validation.ts";
import { register } from "../../support/mocks.ts";

const allowFrom = [{ serviceAccount: "traefik", namespace: "edge" }];
const host = "viz.example.com";
const ingress = { controller: "traefik", tlsSecret: "viz-tls" } as const;
const gateway = { parentRefs: [{ name: "public" }] };
/** A complete Ingress, with other settings. */
const open = (changes: VizAccessSettings): VizAccessSettings => ({ allowFrom, host, ingress, ...changes });

test.each<[what: string, settings: VizAccessSettings]>([
  ["nothing", {}],
  ["an Ingress of a known controller with TLS", open({})],
  [
    "an Ingress without TLS, if the settings say so",
    open({ insecure: true, ingress: { controller: "haproxy" } }),
  ],
  [
    "an Ingress of another controller, if something else authenticates",
    open({
      auth: "external",
      ingress: { controller: "other", tlsSecret: "viz-tls" },
    }),
  ],
  ["an HTTPRoute, if something else authenticates", { allowFrom, host, auth: "external", gateway }],
  ["a host whose route someone else creates", { allowFrom, host, auth: "external" }],
  ["callers without a host", { allowFrom }],
  ["everyone", { allowFrom: "all" }],
  [
    "the annotations of cert-manager",
    open({
      ingress: { ...ingress, annotations: { "cert-manager.io/cluster-issuer": "public" } },
    }),
  ],
  ["Outputs", open({ host: pulumi.output(host), ingress: { ...ingress, tlsSecret: pulumi.output("t") } })],
])("valid settings of access to viz have no issues: %s", (_, vizAccess) => {
  expect(settingIssues({ vizAccess })).toEqual([]);
});

const HOST = "must be a host name in lower case, without scheme, port, path and wildcard";

const INVALID_ACCESS: readonly [what: string, settings: VizAccessSettings, message: string][] = [
  [
    "an empty list of callers",
    { allowFrom: [] },
    'vizAccess.allowFrom: must be a list with at least one ServiceAccount, or "all", got an empty list. Fix: remove vizAccess.allowFrom',
  ],
  [
    "a caller with its namespace in its name",
    { allowFrom: [{ serviceAccount: "edge/traefik", namespace: "edge" }] },
    'vizAccess.allowFrom[0].serviceAccount: must be the name of a ServiceAccount, without its namespace, got "edge/traefik".',
  ],
  [
    "every ServiceAccount of a namespace",
    { allowFrom: [{ serviceAccount: "*", namespace: "edge" }] },
    'vizAccess.allowFrom[0].serviceAccount: must be the name of a ServiceAccount, without its namespace, got "*".',
  ],
  [
    "a namespace that is none",
    { allowFrom: [{ serviceAccount: "traefik", namespace: "the edge" }] },
    'vizAccess.allowFrom[0].namespace: must be the name of a namespace, got "the edge".',
  ],
  [
    "a caller twice",
    { allowFrom: [...allowFrom, ...allowFrom] },
    "vizAccess.allowFrom[1]: must be listed once, got edge/traefik twice. Fix: remove vizAccess.allowFrom[1]",
  ],
  [
    "a host with a scheme",
    open({ host: "https://viz.example.com" }),
    `vizAccess.host: ${HOST}, got "https://viz.example.com".`,
  ],
  [
    "a host with a port",
    open({ host: "viz.example.com:443" }),
    `vizAccess.host: ${HOST}, got "viz.example.com:443".`,
  ],
  [
    "a host with a path",
    open({ host: "example.com/viz" }),
    `vizAccess.host: ${HOST}, got "example.com/viz".`,
  ],
  [
    "a host with a wildcard",
    open({ host: "*.example.com" }),
    `vizAccess.host: ${HOST}, got "*.example.com".`,
  ],
  [
    "a host in capitals",
    open({ host: "Viz.example.com" }),
    `vizAccess.host: ${HOST}, got "Viz.example.com".`,
  ],
  ["an address as the host", open({ host: "10.0.0.1" }), `vizAccess.host: ${HOST}, got "10.0.0.1".`],
  ["an empty host", open({ host: "" }), `vizAccess.host: ${HOST}, got "".`],
  [
    "a host without callers",
    { host, ingress },
    "vizAccess.allowFrom: must be set with vizAccess.host. Without the ServiceAccount of the ingress controller, each of its requests would be denied with status 403.",
  ],
  [
    "an Ingress and an HTTPRoute",
    open({ gateway }),
    "vizAccess.gateway: must not be set with vizAccess.ingress. One route to the dashboard is enough. Fix: remove vizAccess.gateway",
  ],
  [
    "an Ingress without a host",
    { allowFrom, ingress },
    "vizAccess.ingress: must not be set without vizAccess.host. Without a host, there is no route to the dashboard from outside the cluster. Fix: remove vizAccess.ingress, or set vizAccess.host",
  ],
  [
    "a password without a host",
    { allowFrom, auth: "basic" },
    "vizAccess.auth: must not be set without vizAccess.host. Without a host, there is no route to the dashboard from outside the cluster. Fix: remove vizAccess.auth, or set vizAccess.host",
  ],
  [
    "a user without a host",
    { allowFrom, user: "ops" },
    "vizAccess.user: must not be set without vizAccess.host. Without a host, there is no route to the dashboard from outside the cluster. Fix: remove vizAccess.user, or set vizAccess.host",
  ],
  [
    "plain HTTP without a host",
    { allowFrom, insecure: true },
    "vizAccess.insecure: must not be set without vizAccess.host. Without a host, there is no route to the dashboard from outside the cluster. Fix: remove vizAccess.insecure, or set vizAccess.host",
  ],
  [
    "an HTTPRoute without authentication",
    { allowFrom, host, gateway },
    'vizAccess.auth: must be "external", got nothing. Only an Ingress of a known controller has basic authentication, so something else must authenticate people. Fix: set vizAccess.auth to "external"',
  ],
  [
    "an HTTPRoute with a password",
    { allowFrom, host, gateway, auth: "basic" },
    'vizAccess.auth: must be "external", got "basic". Only an Ingress of a known controller has basic authentication, so something else must authenticate people. Fix: set vizAccess.auth to "external"',
  ],
  [
    "an unknown controller without authentication",
    open({ ingress: { controller: "other", tlsSecret: "t" } }),
    'vizAccess.auth: must be "external", got nothing. Basic authentication of this controller is not known, so something else must authenticate people. Fix: set vizAccess.auth to "external"',
  ],
  [
    "a host without a route and without authentication",
    { allowFrom, host },
    'vizAccess.auth: must be "external", got nothing. Only an Ingress of a known controller has basic authentication, so something else must authenticate people. Fix: set vizAccess.auth to "external"',
  ],
  [
    "a user of someone else",
    open({ auth: "external", user: "ops" }),
    'vizAccess.user: must not be set with vizAccess.auth "external". Someone else manages the users. Fix: remove vizAccess.user',
  ],
  [
    "a user with a colon",
    open({ user: "a:b" }),
    'vizAccess.user: must be 1 to 64 letters, digits, "-", "_" or ".", got "a:b".',
  ],
  [
    "an empty user",
    open({ user: "" }),
    'vizAccess.user: must be 1 to 64 letters, digits, "-", "_" or ".", got "".',
  ],
  [
    "an Ingress without TLS",
    open({ ingress: { controller: "traefik" } }),
    "vizAccess.ingress.tlsSecret: must be the name of a TLS Secret in viz's namespace. Without TLS, everyone on the way can read the password and the dashboard. Fix: set vizAccess.insecure to true",
  ],
  [
    "plain HTTP and a TLS Secret",
    open({ insecure: true }),
    "vizAccess.insecure: must not be true with vizAccess.ingress.tlsSecret. Fix: remove vizAccess.insecure",
  ],
  [
    "a TLS Secret of another namespace",
    open({ ingress: { ...ingress, tlsSecret: "edge/wildcard" } }),
    'vizAccess.ingress.tlsSecret: must be the name of a Secret, got "edge/wildcard".',
  ],
  [
    "an annotation that replaces Host",
    open({
      ingress: {
        controller: "ingress-nginx",
        tlsSecret: "t",
        annotations: { "nginx.ingress.kubernetes.io/upstream-vhost": "web" },
      },
    }),
    `vizAccess.ingress.annotations["nginx.ingress.kubernetes.io/upstream-vhost"]: must not be set. With another Host than the browser's, tap answers 403. Fix: remove vizAccess.ingress.annotations["nginx.ingress.kubernetes.io/upstream-vhost"]`,
  ],
  [
    "an annotation that replaces the password",
    open({
      ingress: { ...ingress, annotations: { "traefik.ingress.kubernetes.io/router.middlewares": "none" } },
    }),
    'vizAccess.ingress.annotations["traefik.ingress.kubernetes.io/router.middlewares"]: must not be set. The settings of vizAccess decide this annotation. Fix: remove vizAccess.ingress.annotations["traefik.ingress.kubernetes.io/router.middlewares"]',
  ],
  [
    "an HTTPRoute without a Gateway",
    { allowFrom, host, auth: "external", gateway: { parentRefs: [] } },
    "vizAccess.gateway.parentRefs: must be a list with at least one Gateway, got an empty list.",
  ],
  [
    "a filter that replaces Host",
    {
      allowFrom,
      host,
      auth: "external",
      gateway: { ...gateway, filters: [{ type: "URLRewrite", urlRewrite: { hostname: "web" } }] },
    },
    "vizAccess.gateway.filters[0].urlRewrite.hostname: must not be set. With another Host than the browser's, tap answers 403. Fix: remove vizAccess.gateway.filters[0].urlRewrite.hostname",
  ],
];

const INVALID_TAP: readonly [what: string, settings: TapSettings, message: string][] = [
  [
    "a header in capitals",
    { ignoreHeaders: ["Authorization"] },
    'tap.ignoreHeaders[0]: must be in lower case, got "Authorization". Tap compares names exactly, and names on the wire are in lower case. Fix: set tap.ignoreHeaders[0] to "authorization"',
  ],
  [
    "several headers in one text",
    { ignoreHeaders: ["cookie", "x-a,x-b"] },
    'tap.ignoreHeaders[1]: must be the name of an HTTP header, e.g. "x-token", got "x-a,x-b".',
  ],
  [
    "a namespace twice",
    {
      viewers: [
        { namespace: "shop", groups: ["a"] },
        { namespace: "shop", groups: ["b"] },
      ],
    },
    'tap.viewers[1].namespace: must be listed once, got "shop". Fix: list all groups of the namespace in one item',
  ],
  [
    "a namespace without groups",
    { viewers: [{ namespace: "shop", groups: [] }] },
    'tap.viewers[0].groups: must be a list with at least one group, e.g. ["oidc:team-shop"], got an empty list.',
  ],
];

test.each(INVALID_ACCESS)("invalid access to viz is reported: %s", (_, vizAccess, message) => {
  expect(settingIssues({ vizAccess }).map(formatIssue)).toEqual([message]);
});

test.each(INVALID_TAP)("invalid settings of tap are reported: %s", (_, tap, message) => {
  expect(settingIssues({ tap }).map(formatIssue)).toEqual([message]);
});

test("without viz, access to it and settings of tap are reported", () => {
  const settings = { viz: false, vizAccess: { allowFrom }, tap: { ignoreHeaders: ["cookie"] } };
  expect(settingIssues(settings).map(formatIssue)).toEqual([
    "vizAccess: must not be set without viz. The chart linkerd-viz is not installed. Fix: remove vizAccess, or set viz to true",
    "tap: must not be set without viz. The chart linkerd-viz is not installed. Fix: remove tap, or set viz to true",
  ]);
});

test("all issues are in one error, and nothing is registered", async () => {
  const settings = { vizAccess: open({ host: "https://viz", user: "" }), tap: { ignoreHeaders: ["Cookie"] } };
  const { result, resources } = await register(() => {
    try {
      return new ServiceMesh("m", settings);
    } catch (error) {
      return String(error);
    }
  });
  expect(result).toMatch(
    /ServiceMesh "m" has 3 invalid arguments:\n- vizAccess\.host.*\n- vizAccess\.user.*\n- tap\./,
  );
  expect(resources).toEqual([]);
});
