import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import type { Tools } from "./tools/index.ts";

/** An address range of this machine's loopback, so that nothing the API server dials leaves the machine. */
export const serviceAddresses = "127.96.0.0/16";

const loopback = "127.0.0.1";

/** kwokctl's configuration: our binaries, loopback only, and ports that were free a moment ago. */
export async function configure({ paths }: Tools): Promise<object> {
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
      { name: "kube-apiserver", extraArgs: [services] },
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

export async function isFree(port: number): Promise<boolean> {
  return listenOn(port).then(
    (server) => !!server.close(),
    () => false,
  );
}

function listenOn(port: number) {
  return new Promise<Server>((resolve, reject) => {
    const server = createServer();
    server.on("error", reject).listen(port, loopback, () => resolve(server));
  });
}
