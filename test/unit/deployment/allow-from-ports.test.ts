/** `allowFrom` with callers for each port. */
import { expect, test } from "vitest";
import { MeshedDeployment, type MeshedDeploymentArgs } from "../../../components/index.ts";
import { register } from "../../support/mocks.ts";
import { deployInvalid, deployWeb, messageOf, ofType, selector, specWith, TYPES } from "./web-deployment.ts";

const web = { serviceAccount: "web" };
const prometheus = { serviceAccount: "prometheus", namespace: "monitoring" };
const ports = [
  { name: "http", containerPort: 8080 },
  { name: "metrics", containerPort: 9090 },
];
const spec = specWith({}, { ports });

test("each port has its own callers", async () => {
  const { find, resources } = await register(() => {
    const caller = new MeshedDeployment("web", { spec: specWith(), serviceAccount: true });
    const allowFrom = { http: [caller.identity], 9090: [prometheus] };
    return new MeshedDeployment("shop", { spec, allowFrom });
  });
  for (const [port, serviceAccount] of [
    ["http", "web"],
    ["metrics", "prometheus"],
  ] as const) {
    const name = `shop-${port}`;
    expect(find(name, TYPES.server).inputs.spec).toEqual({
      podSelector: selector,
      port,
      proxyProtocol: "unknown",
    });
    expect(find(name, TYPES.authentication).inputs.spec.identityRefs).toMatchObject([
      { name: serviceAccount },
    ]);
    expect(find(name, TYPES.policy).inputs.spec.targetRef.name).toBe(name);
    expect(find(name, TYPES.policy).dependsOn).toEqual([name]);
    expect(find(name, TYPES.server).dependsOn).toEqual([name]);
  }
  expect(ofType(resources, TYPES.authentication)).toHaveLength(2);
});

test("an open port has a Server that allows everyone, whatever the default policy of the mesh is", async () => {
  const { find, resources, result } = await deployWeb({ spec, allowFrom: { http: [web], metrics: "all" } });
  expect(find("web-metrics", TYPES.server)).toMatchObject({
    dependsOn: [],
    inputs: { spec: { port: "metrics", proxyProtocol: "unknown", accessPolicy: "all-unauthenticated" } },
  });
  expect(ofType(resources, TYPES.policy).map(({ name }) => name)).toEqual(["web-http"]);
  expect([result.servers.length, result.authorizationPolicies.length]).toEqual([2, 1]);
  expect([result.meshTlsAuthentication, result.meshTlsAuthentications.length]).toEqual([undefined, 1]);
});

test("an open port may be opaque, skipped outbound, or called by the kubelet", async () => {
  const container = {
    ports: [...ports, { name: "smtp", containerPort: 25 }],
    readinessProbe: { grpc: { port: 9090 } },
  };
  const { find } = await deployWeb({
    spec: specWith({}, container),
    allowFrom: { http: [web], metrics: "all", smtp: "all" },
  });
  expect(find("web-smtp", TYPES.server).inputs.spec).toMatchObject({ proxyProtocol: "opaque" });
});

test("a port that the workload skips inbound needs no entry and has no Server", async () => {
  const { resources } = await deployWeb({
    spec,
    mesh: { skipInboundPorts: ["metrics"] },
    allowFrom: { http: [web] },
  });
  expect(ofType(resources, TYPES.server).map(({ name }) => name)).toEqual(["web-http"]);
});

test("a list is the short form for all ports, with one MeshTLSAuthentication", async () => {
  const { result } = await deployWeb({ spec, allowFrom: [web] });
  expect(result.meshTlsAuthentications).toEqual([result.meshTlsAuthentication]);
});

const ENTRY = 'must be a list with at least one caller, e.g. [{ serviceAccount: "web" }], or "all", got';
const MISSING = (names: string) =>
  `allowFrom: must have an entry for each TCP port that reaches the proxy, got no entry for ${names}. ` +
  "A port that was forgotten would be open or closed without notice. " +
  'Fix: list the callers of the port, or set it to "all"';

test.each<[string, object, string[]]>([
  ["a port without an entry", { allowFrom: { http: [web] } }, [MISSING("metrics")]],
  ["no entries", { allowFrom: {} }, [MISSING("http, metrics")]],
  [
    "a key that names no container port",
    { allowFrom: { htpp: [web], http: [web], metrics: "all" } },
    [
      'allowFrom.htpp: must have the name or number of a container port, got "htpp" (container ports: http, metrics).',
    ],
  ],
  ["an empty list", { allowFrom: { http: [web], metrics: [] } }, [`allowFrom.metrics: ${ENTRY} [].`]],
  [
    "another word",
    { allowFrom: { http: [web], metrics: "everyone" } },
    [`allowFrom.metrics: ${ENTRY} "everyone".`],
  ],
  [
    "two entries for one port",
    { allowFrom: { http: [web], metrics: "all", 8080: [prometheus] } },
    [
      'allowFrom.http: must be the only entry for its port, got another one, "8080". Fix: remove allowFrom.http',
    ],
  ],
  [
    "a port that is not TCP",
    {
      spec: specWith({}, { ports: [...ports, { name: "dns", containerPort: 53, protocol: "UDP" }] }),
      allowFrom: { http: [web], metrics: "all", dns: [web] },
    },
    ["allowFrom.dns: must be a TCP port, got UDP. Linkerd proxies TCP only. Fix: remove allowFrom.dns"],
  ],
  [
    "a port that the workload skips inbound",
    { mesh: { skipInboundPorts: [9090] }, allowFrom: { http: [web], metrics: [prometheus] } },
    [
      "allowFrom.metrics: must be a port that reaches the proxy, got a port that the workload skips inbound. " +
        "Authorization is enforced in the proxy. " +
        "Fix: remove the port from mesh.skipInboundPorts, or remove allowFrom.metrics",
    ],
  ],
  [
    "open ports only",
    { allowFrom: { http: "all", metrics: "all" } },
    [
      'allowFrom: must restrict the callers of at least one port, got "all" for each port. ' +
        "Fix: list the callers of a port, or remove allowFrom",
    ],
  ],
  [
    "different callers for ports of one name",
    {
      spec: specWith({
        containers: [
          { name: "web", image: "w", ports: [{ name: "metrics", containerPort: 9090 }] },
          { name: "side", image: "s", ports: [{ name: "metrics", containerPort: 9091 }] },
        ],
      }),
      allowFrom: { 9090: [web], 9091: "all" },
    },
    [
      'allowFrom.9091: must be the only entry for ports of one name, got another one, "9090". ' +
        "One Server selects all ports of a name. " +
        "Fix: use the name instead of the numbers, or give the ports different names",
    ],
  ],
])("allowFrom is rejected for %s", async (_, args, issues) => {
  const result = await deployInvalid({ spec, ...args } satisfies object as MeshedDeploymentArgs);
  expect(result).toEqual({ message: messageOf(...issues), resources: [] });
});
