/** Creates pods and objects with pods, and writes the status that a kubelet would write. */
import { CoreV1Api, KubeConfig, type V1Pod } from "@kubernetes/client-node";
import { list } from "../cluster.ts";
import { testEngine } from "../engine.ts";

export function openPods(): CoreV1Api {
  const config = new KubeConfig();
  config.loadFromFile(testEngine().kubeconfig);
  return config.makeApiClient(CoreV1Api);
}

/** Creates a namespace, and waits until pods can be created in it: for its default ServiceAccount. */
export async function createNamespace(name: string): Promise<void> {
  const api = openPods();
  await api.createNamespace({ body: { metadata: { name } } });
  await waitFor(`the ServiceAccount of ${name}`, async () =>
    (await api.listNamespacedServiceAccount({ namespace: name })).items.find(
      ({ metadata }) => metadata?.name === "default",
    ),
  );
}

/** Writes the phase and the address of a pod. */
export async function setStatus({ metadata }: V1Pod, phase: string, podIP: string): Promise<void> {
  const { name = "", namespace = "" } = metadata ?? {};
  const value = { phase, podIP, podIPs: [{ ip: podIP }] };
  await openPods().patchNamespacedPodStatus({
    name,
    namespace,
    body: [{ op: "replace", path: "/status", value }],
  });
}

/** Waits for the pods that a controller creates in a namespace, for example the one of a Job. */
export async function waitForPods(namespace: string, label: string, count: number): Promise<V1Pod[]> {
  const [key = "", value] = label.split("=");
  return waitFor(`${count} pods with ${label} in ${namespace}`, async () => {
    const pods = await list<V1Pod>("v1", "Pod", namespace);
    const found = pods.filter(({ metadata }) => metadata?.labels?.[key] === value);
    return found.length === count ? found : undefined;
  });
}

const WAIT_SECONDS = 60;

/** Repeats `find` until it returns something. `what` completes "there is not …". */
export async function waitFor<T>(what: string, find: () => Promise<T | undefined>): Promise<T> {
  let last: unknown;
  for (const end = Date.now() + WAIT_SECONDS * 1000; Date.now() < end; ) {
    const found = await find().catch((error: unknown) => {
      last = error;
      return undefined;
    });
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`after ${WAIT_SECONDS} seconds, there is not ${what}${last ? `: ${last}` : ""}`);
}
