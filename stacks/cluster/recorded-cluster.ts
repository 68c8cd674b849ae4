/** The cluster of a stack's last deployment. */
import type { DeployedState } from "../../components/deployed/deployed-state.ts";
import { loadKubeConfig, type StackConfig } from "./kubeconfig.ts";

/** Settings of Pulumi's Kubernetes provider that select a cluster. The state contains them by these names. */
const SELECTORS = ["kubeconfig", "context", "cluster"] as const;

/** A configuration that selects another cluster than that of the last deployment. */
export interface ChangedCluster {
  /** URL of the API server of the last deployment; `undefined` if the kubeconfig no longer has it. */
  readonly recorded: string | undefined;
  /** URL of the API server that the configuration selects; `undefined` if it selects none. */
  readonly selected: string | undefined;
}

/**
 * Compares the configuration with that of the providers in the state. Returns `undefined` if both select one API server,
 * or if the state has no provider.
 *
 * Without `kubernetes:kubeconfig`, the provider plans no replacement for another context (pulumi-kubernetes,
 * provider/pkg/provider/provider.go, DiffConfig), so `up` would update the objects of the same names in that cluster.
 */
export async function findChangedCluster(
  state: DeployedState,
  config: StackConfig,
): Promise<ChangedCluster | undefined> {
  const current = pickSelectors((selector) => config[`kubernetes:${selector}`]);
  const recorded = Object.values(state)
    .filter(({ type }) => type === "pulumi:providers:kubernetes")
    .map(({ outputs }) => pickSelectors((selector) => outputs?.[selector]));
  const [last] = recorded;
  if (last === undefined || recorded.some((each) => isEqual(each, current))) return undefined;
  // Imported on use: see connection.ts.
  const library = await import("@kubernetes/client-node");
  const readServer = (selectors: StackConfig): string | undefined => {
    try {
      return loadKubeConfig(library, selectors).server;
    } catch {
      // Such as a context that the kubeconfig no longer has.
      return undefined;
    }
  };
  const servers = { recorded: readServer(last), selected: readServer(current) };
  return servers.recorded !== undefined && servers.recorded === servers.selected ? undefined : servers;
}

/** The settings that select a cluster, as a configuration. An empty value is none, as for the provider. */
function pickSelectors(read: (selector: string) => unknown): StackConfig {
  const given = SELECTORS.map((selector) => [`kubernetes:${selector}`, read(selector)] as const);
  return Object.fromEntries(
    given
      .filter(([, value]) => value !== undefined && value !== "")
      .map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

function isEqual(a: StackConfig, b: StackConfig): boolean {
  return SELECTORS.every((selector) => a[`kubernetes:${selector}`] === b[`kubernetes:${selector}`]);
}
