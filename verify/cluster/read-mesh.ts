/** Reads {@link MeshFacts} from the cluster. The mesh may come from any tool. */
import type { V1ConfigMap, V1NamespaceList } from "@kubernetes/client-node";
import { parse } from "yaml";
import { INJECTION_POLICY_NAME } from "../../components/meshing/injection-by-label.ts";
import { VerifyError } from "../verify-error.ts";
import { readAdmissionCounters } from "./admission-counters.ts";
import type { Connection } from "./connection.ts";
import type { MeshFacts, StackFacts } from "./mesh-facts.ts";

/** The mesh in the cluster, with what only the report has. */
export interface RunningMesh extends MeshFacts {
  /** Version of the control plane, e.g. `edge-26.8.3`. */
  readonly linkerdVersion: string;
}

/** The part of the chart's values in `linkerd-config` that is read here. */
interface ConfigValues {
  readonly linkerdVersion?: string;
  readonly identityTrustDomain?: string;
  readonly clusterDomain?: string;
}

/** Reads the mesh. Throws a {@link VerifyError} if the cluster has none. */
export async function readMesh(connection: Connection, stack: StackFacts | undefined): Promise<RunningMesh> {
  const namespace = (await findNamespace(connection, "linkerd.io/is-control-plane=true")) ?? "linkerd";
  const [config, roots, vizNamespace, injectsByLabel, admissionAtStart] = await Promise.all([
    readConfigMap(connection, namespace, "linkerd-config"),
    readConfigMap(connection, namespace, "linkerd-identity-trust-roots"),
    findNamespace(connection, "linkerd.io/extension=viz"),
    hasInjectionPolicy(connection),
    readAdmissionCounters({ get: (path) => connection.send(path) }),
  ]);
  if (config === undefined) {
    throw new VerifyError(
      `cluster: must have Linkerd's ConfigMap ${namespace}/linkerd-config, got none in ${connection.server}. ` +
        "Fix: install the mesh, or use --context with the name of another context",
    );
  }
  const values: ConfigValues = parse(config.values ?? "") ?? {};
  return {
    namespace,
    trustDomain: values.identityTrustDomain || values.clusterDomain || "cluster.local",
    trustRootsPem: roots?.["ca-bundle.crt"] ?? "",
    vizNamespace,
    injectsByLabel,
    stack,
    admissionAtStart,
    linkerdVersion: values.linkerdVersion ?? "unknown",
  };
}

async function findNamespace(connection: Connection, labelSelector: string): Promise<string | undefined> {
  const path = `/api/v1/namespaces?labelSelector=${encodeURIComponent(labelSelector)}`;
  const { items = [] } = (await connection.read<V1NamespaceList>(path)) ?? {};
  return items[0]?.metadata?.name;
}

async function readConfigMap(connection: Connection, namespace: string, name: string) {
  return (await connection.read<V1ConfigMap>(`/api/v1/namespaces/${namespace}/configmaps/${name}`))?.data;
}

/** Whether the policy and its binding exist. Neither does on a cluster that has no MutatingAdmissionPolicy. */
async function hasInjectionPolicy(connection: Connection): Promise<boolean> {
  const kinds = ["mutatingadmissionpolicies", "mutatingadmissionpolicybindings"];
  const found = kinds.map((kind) =>
    connection.read(`/apis/admissionregistration.k8s.io/v1/${kind}/${INJECTION_POLICY_NAME}`),
  );
  return (await Promise.all(found)).every((object) => object !== undefined);
}
