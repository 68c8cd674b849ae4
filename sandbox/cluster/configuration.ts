import type { Tools } from "../tools/index.ts";
import { findFreePorts, loopback } from "./ports.ts";

/** Addresses of Services. The range is on this machine's loopback, so that the API server dials only this machine. */
export const serviceAddresses = "127.96.0.0/16";

/**
 * Creates the configuration of kwokctl: the sandbox's binaries, loopback only, and free ports. With an
 * `emulatedVersion`, the API server serves the APIs of that older Kubernetes (kube-apiserver, `--emulated-version`).
 */
export async function createConfiguration({ paths }: Tools, emulatedVersion?: string): Promise<object> {
  const [
    kubeApiserverPort,
    etcdPort,
    etcdPeerPort,
    kubeControllerManagerPort,
    kubeSchedulerPort,
    kwokControllerPort,
  ] = await findFreePorts(6);
  const services = { key: "service-cluster-ip-range", value: serviceAddresses };
  // There is one instance of each controller. One that elects a leader exits if it cannot renew its lease in time, as on
  // a machine that is overloaded, and pods then stay pending.
  const noElection = { key: "leader-elect", value: "false" };
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
          // Without a network there is no address to advertise, and the API server would not start. No client uses it.
          { key: "advertise-address", value: "192.0.2.1" },
          { key: "endpoint-reconciler-type", value: "none" },
          // With the watch cache, deleting a CRD right after its creation can take five minutes: its finalizer finds
          // the cache "(re)initializing" and does not run again before the next resync (crd_finalizer.go).
          { key: "watch-cache", value: "false" },
          ...(emulatedVersion ? [{ key: "emulated-version", value: emulatedVersion }] : []),
        ],
      },
      { name: "kube-controller-manager", extraArgs: [services, noElection] },
      { name: "kube-scheduler", extraArgs: [noElection] },
    ],
  };
}
