/** The workloads of the shop. Times are minutes from the start of the history. */

export type Kind =
  | "deployment"
  | "statefulset"
  | "daemonset"
  | "replicaset"
  | "replicationcontroller"
  | "job"
  | "cronjob"
  | "pod";

export interface Workload {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  /** Pods that run at the same time. @default 1 */
  readonly replicas?: number;
  /** @default "default" */
  readonly serviceAccount?: string;
  /** Port of the application. @default 8080 */
  readonly port?: number;
  /** @default meshed: the pods have a proxy */
  readonly proxy?: "none" | "without identity" | "does not answer" | "not scraped" | "of an older version";
  /** When pods run: one generation after another. @default one that started two hours before the history */
  readonly generations?: readonly (readonly [from: number, to: number])[];
  /** Whether the injector knew the owner of the pods. @default true */
  readonly labelled?: false;
  /** Labels of the pods beside those of Kubernetes. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** A Server of this name and an AuthorizationPolicy guard the port. @default the default policy of the namespace */
  readonly server?: string;
  /** A component of Linkerd itself. @default an application */
  readonly controlPlane?: string;
}

/** When the Deployment `web` is rolled out. Old and new pods run at the same time for a minute. */
export const ROLLOUT = 30;

const ALWAYS = [-120, Number.POSITIVE_INFINITY] as const;

/** A CronJob whose pods run four times, most recently at the end of the history. */
const RUNS = [
  [5, 10],
  [25, 30],
  [45, 50],
  [63, 80],
] as const;

export const WORKLOADS: readonly Workload[] = [
  { kind: "deployment", namespace: "edge", name: "ingress", serviceAccount: "ingress" },
  {
    ...{ kind: "deployment", namespace: "shop", name: "web", replicas: 2, serviceAccount: "web" },
    ...{
      server: "web-http",
      generations: [
        [-120, ROLLOUT + 1],
        [ROLLOUT, Number.POSITIVE_INFINITY],
      ],
    },
  },
  {
    kind: "deployment",
    namespace: "shop",
    name: "carts",
    replicas: 2,
    serviceAccount: "carts",
    labels: { version: "v2" },
  },
  { kind: "statefulset", namespace: "shop", name: "catalog", replicas: 2, serviceAccount: "catalog" },
  { kind: "replicaset", namespace: "shop", name: "mirror" },
  { kind: "replicationcontroller", namespace: "shop", name: "ancient" },
  { kind: "job", namespace: "shop", name: "migrate", serviceAccount: "migrate", generations: [[-10, 100]] },
  { kind: "pod", namespace: "shop", name: "debug" },
  // Scrapes copy the labels of pods. A label `component` distinguishes the controllers of Linkerd.
  { kind: "deployment", namespace: "shop", name: "orders", labels: { component: "destination" } },
  { kind: "deployment", namespace: "shop", name: "stock", labels: { component: "identity" } },
  { kind: "deployment", namespace: "shop", name: "prices", labels: { component: "policy" } },
  { kind: "deployment", namespace: "shop", name: "forgotten", labels: { component: "proxy-injector" } },
  { kind: "deployment", namespace: "shop", name: "paused", labels: { component: "sp-validator" } },
  { kind: "deployment", namespace: "shop", name: "newcomer", proxy: "without identity" },
  {
    kind: "deployment",
    namespace: "shop",
    name: "hung",
    proxy: "does not answer",
    labels: { component: "policy" },
  },
  { kind: "deployment", namespace: "shop", name: "unseen", proxy: "not scraped" },
  { kind: "deployment", namespace: "shop", name: "legacy", proxy: "none" },
  { kind: "job", namespace: "shop", name: "unmeshed-job", proxy: "none", generations: [[-10, 100]] },
  { kind: "deployment", namespace: "billing", name: "payments" },
  { kind: "deployment", namespace: "billing", name: "invoices", replicas: 2, serviceAccount: "invoices" },
  { kind: "statefulset", namespace: "billing", name: "cache", serviceAccount: "cache", port: 6379 },
  {
    ...{ kind: "daemonset", namespace: "billing", name: "agent", replicas: 2, serviceAccount: "agent" },
    proxy: "of an older version",
  },
  // The injector sees the pod of a CronJob before it knows the Job, mostly.
  {
    kind: "cronjob",
    namespace: "billing",
    name: "report",
    serviceAccount: "report",
    generations: RUNS,
    labelled: false,
  },
  { kind: "cronjob", namespace: "billing", name: "backup", serviceAccount: "backup", generations: RUNS },
  { kind: "deployment", namespace: "mail", name: "relay" },
  { kind: "deployment", namespace: "outside", name: "stranger", serviceAccount: "stranger" },
  { kind: "deployment", namespace: "outside", name: "crawler", proxy: "none" },
  { kind: "deployment", namespace: "linkerd-viz", name: "prometheus", serviceAccount: "prometheus" },
  { ...controlPlane("linkerd-identity", "identity"), port: 8080 },
  { ...controlPlane("linkerd-destination", "destination"), port: 8086 },
  { ...controlPlane("linkerd-proxy-injector", "proxy-injector"), port: 8443 },
];

function controlPlane(name: string, component: string): Workload {
  const identity = { kind: "deployment", namespace: "linkerd", name, serviceAccount: name } as const;
  return { ...identity, controlPlane: component };
}

export function findWorkload(name: string): Workload {
  const found = WORKLOADS.find((one) => nameWorkload(one) === name);
  if (!found) throw new Error(`the shop has no ${name}`);
  return found;
}

/** `namespace/name`. */
export function nameWorkload({ namespace, name }: Workload): string {
  return `${namespace}/${name}`;
}

export function resolveGenerations({ generations = [ALWAYS] }: Workload) {
  return generations;
}
