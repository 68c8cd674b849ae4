/** The certificates in use, as their servers send them. */
import type { Finding } from "../report/finding.ts";
import { HANDSHAKE_MS, handshakeProxies, toChain } from "./certificates/handshake.ts";
import { judgeAnchors, judgeProxies, type ServedProxy } from "./certificates/proxies.ts";
import { readCalledServers } from "./certificates/webhook-callers.ts";
import { judgeWebhooks } from "./certificates/webhooks.ts";
import type { Check, CheckContext } from "./check.ts";

export const certificates: Check = {
  name: "certificates",
  title: "Every certificate in use chains to its CA and expires when the stack reports",
  workloads: ["client", "echo", "unmeshed"],
  run: async (context) => {
    const { mesh } = context;
    const findings = [
      judgeAnchors(mesh),
      judgeProxies(await readProxies(context), mesh),
      judgeWebhooks(await handshakeWebhooks(context), mesh),
    ];
    const skipped = findings.flatMap((finding) => finding.skipped ?? []);
    return {
      observed: findings.flatMap(({ observed }) => observed),
      problems: findings.flatMap(({ problems }) => problems),
      skipped: mesh.stack
        ? skipped
        : ["the comparison with the output certificates: it needs --stack", ...skipped],
    } satisfies Finding;
  },
};

async function readProxies({ cluster, mesh }: CheckContext): Promise<ServedProxy[]> {
  const own = await Promise.all([cluster.pods("client"), cluster.pods("echo")]);
  const namespaces = [mesh.namespace, ...(mesh.vizNamespace ? [mesh.vizNamespace] : [])];
  const others = await Promise.all(
    namespaces.map((each) => cluster.listPods(each, `linkerd.io/control-plane-ns=${mesh.namespace}`)),
  );
  const [created, older] = await Promise.all([
    handshakeProxies(cluster, mesh, own.flat()),
    handshakeProxies(cluster, mesh, others.flat()),
  ]);
  return [
    ...created.map((proxy) => ({ ...proxy, isNew: true })),
    ...older.map((proxy) => ({ ...proxy, isNew: false })),
  ];
}

async function handshakeWebhooks({ cluster, mesh }: CheckContext) {
  const servers = await readCalledServers(cluster, mesh.namespace, mesh.vizNamespace);
  const targets = servers.map(({ host }) => ({ host, port: 443, serverName: host }));
  const results = await cluster.run("unmeshed", "certificates", { targets, timeoutMs: HANDSHAKE_MS });
  return servers.map((each, index) => ({ ...each, served: toChain(results[index]) }));
}
