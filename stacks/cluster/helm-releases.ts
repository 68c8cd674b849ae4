/** Helm's records of releases in a cluster. */
import { gunzipSync } from "node:zlib";
import type { Cluster, ClusterObject, ObjectMetadata } from "./cluster.ts";

/** Identifies a release: Helm's names are unique within a namespace. */
export interface ReleaseRef {
  readonly name: string;
  readonly namespace: string;
}

/** The last revision of a release. */
export interface HelmRelease extends ReleaseRef {
  readonly revision: number;
  /** Helm's status, e.g. `deployed` or `pending-install`. */
  readonly status: string;
  readonly chart: { readonly name: string; readonly version: string };
  /** The values that the release was installed with, without the chart's defaults. They may contain keys. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The objects that Helm created, as YAML. Objects without a namespace are in that of the release. */
  readonly manifest: string;
}

/** The kinds of Helm's records: those of its default driver, and those of the driver `configmap`. */
const RECORD_KINDS = ["Secret", "ConfigMap"] as const;

/** Reads the last revision of every release with one of the names, in one namespace or in all namespaces. */
export async function readHelmReleases(
  cluster: Cluster,
  names: readonly string[],
  namespace?: string,
): Promise<HelmRelease[]> {
  const options = {
    labelSelector: `owner=helm,name in (${names.join(",")})`,
    ...(namespace === undefined ? {} : { namespace }),
  };
  const found = RECORD_KINDS.map(async (kind) => {
    // Without the content: each revision is as large as its chart, and only the last one is read.
    const records = await cluster.listMetadata("v1", kind, options);
    return Promise.all(lastRevisions(records).map((record) => readRecord(cluster, kind, record)));
  });
  return (await Promise.all(found)).flat().filter((release) => release !== undefined);
}

function lastRevisions(records: readonly ObjectMetadata[]): ObjectMetadata[] {
  const revision = ({ labels }: ObjectMetadata) => Number(labels?.version);
  const byRelease = Map.groupBy(records, ({ namespace, labels }) => `${namespace}/${labels?.name}`);
  return [...byRelease.values()].map((revisions) =>
    revisions.reduce((last, each) => (revision(each) > revision(last) ? each : last)),
  );
}

/** Returns `undefined` if Helm deleted the record since it was listed. */
async function readRecord(
  cluster: Cluster,
  kind: (typeof RECORD_KINDS)[number],
  { name, namespace = "", labels = {} }: ObjectMetadata,
): Promise<HelmRelease | undefined> {
  type Record = ClusterObject & { readonly data?: { readonly release?: string } };
  const record = await cluster.read<Record>("v1", kind, name, namespace);
  if (record === undefined) return undefined;
  const { chart, config, version, info, manifest } = decodeRecord(kind, record.data?.release ?? "");
  return {
    name: labels.name ?? "",
    namespace,
    revision: version,
    status: info.status,
    chart: { name: chart.metadata.name, version: chart.metadata.version },
    values: config ?? {},
    manifest,
  };
}

/** The parts of Helm's record that are used here (helm.sh/helm/v3, pkg/release). */
interface ReleaseRecord {
  readonly version: number;
  readonly info: { readonly status: string };
  readonly chart: { readonly metadata: { readonly name: string; readonly version: string } };
  readonly config?: Readonly<Record<string, unknown>>;
  readonly manifest: string;
}

/** A record is JSON, compressed, in base64 (helm.sh/helm/v3, pkg/storage/driver/util.go). A Secret adds base64. */
function decodeRecord(kind: (typeof RECORD_KINDS)[number], data: string): ReleaseRecord {
  const encoded = kind === "Secret" ? Buffer.from(data, "base64").toString() : data;
  return JSON.parse(gunzipSync(Buffer.from(encoded, "base64")).toString());
}
