import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Tools } from "./tools/index.ts";

/** An address range of this machine's loopback, so that nothing the API server dials leaves the machine. */
export const serviceAddresses = "127.96.0.0/16";

const loopback = "127.0.0.1";

/**
 * kwokctl's configuration: our binaries, loopback only, and ports that were free a moment ago. The API server
 * serves what an `emulatedVersion` older than its own had (kube-apiserver, `--emulated-version`).
 */
export async function configure({ paths }: Tools, emulatedVersion?: string): Promise<object> {
  const [
    kubeApiserverPort,
    etcdPort,
    etcdPeerPort,
    kubeControllerManagerPort,
    kubeSchedulerPort,
    kwokControllerPort,
  ] = await freePorts(6);
  const services = { key: "service-cluster-ip-range", value: serviceAddresses };
  return {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: {
      runtime: "binary",
      bindAddress: loopback,
      kubeApiserverPort,
      etcdPort,
      etcdPeerPort,
      kubeControllerManagerPort,
      kubeSchedulerPort,
      kwokControllerPort,
      etcdBinary: paths.etcd,
      kubeApiserverBinary: paths["kube-apiserver"],
      kubeControllerManagerBinary: paths["kube-controller-manager"],
      kubeSchedulerBinary: paths["kube-scheduler"],
      kwokControllerBinary: paths.kwok,
      kubectlBinary: paths.kubectl,
    },
    componentsPatches: [
      {
        name: "kube-apiserver",
        extraArgs: [
          services,
          // Without a network there is no address to advertise, and it would not start. Nobody asks for it.
          { key: "advertise-address", value: "192.0.2.1" },
          { key: "endpoint-reconciler-type", value: "none" },
          // With it, a definition that goes as soon as it came can stay for five minutes: its finalizer finds the
          // cache "(re)initializing", loses its turn, and has no other before the next resync (crd_finalizer.go).
          { key: "watch-cache", value: "false" },
          ...(emulatedVersion ? [{ key: "emulated-version", value: emulatedVersion }] : []),
        ],
      },
      { name: "kube-controller-manager", extraArgs: [services] },
    ],
  };
}

/** The ports that a configuration gave to the cluster. */
export function portsIn(configuration: string): number[] {
  const { options } = JSON.parse(readFileSync(configuration, "utf8")) as { options: Record<string, unknown> };
  return Object.entries(options).flatMap(([name, value]) => (name.endsWith("Port") ? [Number(value)] : []));
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listenOn(0)));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  for (const server of servers) server.close();
  return ports;
}

/** Whether nobody listens on a port, or soon so: a process that is ending closes its sockets last of all. */
export async function becomesFree(port: number): Promise<boolean> {
  for (let tries = 0; tries < 50; tries++, await sleep(100)) {
    const server = await listenOn(port).catch(() => undefined);
    if (server) return !!server.close();
  }
  return false;
}

function listenOn(port: number) {
  return new Promise<Server>((resolve, reject) => {
    const server = createServer();
    server.on("error", reject).listen(port, loopback, () => resolve(server));
  });
}
