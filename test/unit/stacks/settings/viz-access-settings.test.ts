import { expect, test } from "vitest";
import { findMessages } from "../../../support/settings.ts";

const allowFrom = [{ serviceAccount: "traefik", namespace: "edge" }];
const host = "viz.example.com";
const open = { allowFrom, host, ingress: { controller: "traefik", tlsSecret: "viz-tls" } };

test.each<[what: string, settings: Record<string, unknown>, message: string | RegExp]>([
  [
    "callers in one text",
    { vizAccess: { allowFrom: "traefik" } },
    /^linkerd-mesh:vizAccess\.allowFrom: must be a list of ServiceAccounts, e\.g\. \[.*\], or "all", got "traefik"\. Fix: pulumi config /,
  ],
  [
    "a caller without a namespace",
    { vizAccess: { allowFrom: [{ serviceAccount: "traefik" }] } },
    /^linkerd-mesh:vizAccess\.allowFrom\[0\]\.namespace: must be the name of a namespace, got nothing\. Fix: pulumi config set --path 'vizAccess\.allowFrom\[0\]\.namespace' <value>$/,
  ],
  [
    "a host with a scheme",
    { vizAccess: { ...open, host: "https://viz.example.com" } },
    'linkerd-mesh:vizAccess.host: must be a host name in lower case, without scheme, port, path and wildcard, got "https://viz.example.com". Fix: pulumi config set --path vizAccess.host <value>',
  ],
  [
    "an Ingress without a controller",
    { vizAccess: { ...open, ingress: { tlsSecret: "t" } } },
    /^linkerd-mesh:vizAccess\.ingress\.controller: must be one of "traefik", "f5-nginx", "haproxy", "ingress-nginx", "other", got nothing\. Fix: /,
  ],
  [
    "an unknown controller",
    { vizAccess: { ...open, ingress: { controller: "nginx", tlsSecret: "t" } } },
    /^linkerd-mesh:vizAccess\.ingress\.controller: must be one of .*, got "nginx"\./,
  ],
  [
    "an unknown authentication",
    { vizAccess: { ...open, auth: "oauth" } },
    /^linkerd-mesh:vizAccess\.auth: must be one of "basic", "external", got "oauth"\./,
  ],
  [
    "an Ingress without TLS",
    { vizAccess: { ...open, ingress: { controller: "haproxy" } } },
    /^linkerd-mesh:vizAccess\.ingress\.tlsSecret: must be the name of a TLS Secret in viz's namespace\. .* Fix: pulumi config set --path vizAccess\.ingress\.tlsSecret <value>, or pulumi config set --path vizAccess\.insecure true$/,
  ],
  [
    "an HTTPRoute without a password",
    { vizAccess: { allowFrom, host, gateway: { parentRefs: [{ name: "g" }] } } },
    /Fix: pulumi config set --path vizAccess\.auth external$/,
  ],
  [
    "an HTTPRoute without Gateways",
    { vizAccess: { allowFrom, host, auth: "external", gateway: {} } },
    /^linkerd-mesh:vizAccess\.gateway\.parentRefs: must be a list of Gateways, each with a name, got nothing\./,
  ],
  [
    "an unknown field",
    { vizAccess: { ...open, password: "x" } },
    /^linkerd-mesh:vizAccess\.password: unknown field\. Known fields: allowFrom, host, /,
  ],
  [
    "a header in capitals",
    { tap: { ignoreHeaders: ["Cookie"] } },
    /^linkerd-mesh:tap\.ignoreHeaders\[0\]: must be in lower case, got "Cookie"\. .* Fix: pulumi config set --path 'tap\.ignoreHeaders\[0\]' cookie$/,
  ],
  [
    "a viewer without groups",
    { tap: { viewers: [{ namespace: "shop" }] } },
    /^linkerd-mesh:tap\.viewers\[0\]\.groups: must be a list of groups, got nothing\./,
  ],
  [
    "a viewer of every namespace",
    { tap: { viewers: [{ namespace: "*", groups: ["a"] }] } },
    /^linkerd-mesh:tap\.viewers\[0\]\.namespace: must be a DNS label: .*, got "\*"\./,
  ],
  [
    "access without viz",
    { viz: false, vizAccess: { allowFrom } },
    /^linkerd-mesh:vizAccess: must not be set without viz\. .* Fix: pulumi config rm vizAccess, or pulumi config set viz true$/,
  ],
  [
    "the chart's own value",
    { extraValues: { viz: { dashboard: { enforcedHostRegexp: ".*" } } } },
    /^linkerd-mesh:extraValues\.viz\.dashboard\.enforcedHostRegexp: must be set with vizAccess\.host instead/,
  ],
  [
    "the chart's own list of headers",
    { extraValues: { viz: { tap: { ignoreHeaders: [] } } } },
    /^linkerd-mesh:extraValues\.viz\.tap\.ignoreHeaders: must be set with tap\.ignoreHeaders instead/,
  ],
])("%s is rejected with the command that fixes it", (_, settings, message) => {
  const [found, ...others] = findMessages(settings);
  expect(found).toMatch(message);
  expect(others).toEqual([]);
});
