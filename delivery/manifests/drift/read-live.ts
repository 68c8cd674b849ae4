/** Reads the objects of a stack from its cluster, reduced to the part that can be compared with rendered objects. */
import type { Cluster, ClusterObject, ManagedFields } from "../../../stacks/cluster/cluster.ts";
import { readHelmReleases } from "../../../stacks/cluster/helm-releases.ts";
import {
  identifyObject,
  isSecret,
  type Json,
  type KubernetesObject,
} from "../../objects/kubernetes-object.ts";
import { isFields } from "../../objects/list-keys.ts";
import { RELEASE } from "../../objects/program-resource.ts";
import type { RecordedResource, RecordedStack } from "../../program/recorded-stack.ts";
import { SECRET } from "../../program/stack-files.ts";
import { parseManifest } from "../render/manifest.ts";
import { toObject } from "../render/program-object.ts";
import type { RenderRelease } from "../render/render-stack.ts";
import { resolveGeneratedNames } from "./generated-names.ts";
import { hideSecrets } from "./hide-secrets.ts";
import { findForeignFields } from "./managed-fields.ts";
import { fillPlaceholders, recordLive } from "./placeholders.ts";
import { type DescribeLive, projectLive } from "./project-live.ts";
import { projectSecret } from "./project-secret.ts";

/** The objects of a stack in its cluster, and those that its program renders. */
export interface LiveStack {
  /** What exists: the fields that Helm or Pulumi set, and those that someone else set. Without secrets. */
  readonly live: readonly KubernetesObject[];
  /** What the program renders, with the certificates of the cluster. Without secrets. */
  readonly rendered: readonly KubernetesObject[];
  /** Who set the fields of the live objects, by `identifyObject`. */
  readonly managers: ReadonlyMap<string, readonly ManagedFields[]>;
}

type Values = { readonly [key: string]: Json };

type Live = readonly [object: KubernetesObject, managedFields: readonly ManagedFields[]];

/** The heartbeat's schedule in a recording, and the form of all schedules that the program creates. */
const RECORDED_SCHEDULE = "0 0 * * *";
const DAILY = /^\d+ \d+ \* \* \*$/;

/** Requests at the same time. API servers limit them by client. */
const CONCURRENCY = 10;

/**
 * Reads what a stack created. Sends only GET requests, and reads of Secrets only the metadata, except of Helm's records.
 *
 * The API server adds defaults to each object, so a live object cannot be compared with a rendered one as a complete object.
 * Helm's record has the objects that Helm sent. Each is reduced to the fields that Helm sent, and to those that
 * `managedFields` attributes to someone else.
 */
export async function readLiveStack(
  cluster: Cluster,
  stack: RecordedStack,
  renderRelease: RenderRelease,
): Promise<LiveStack> {
  const resources = await resolveGeneratedNames(cluster, stack.resources);
  const releases = resources.filter(({ type }) => type === RELEASE);
  const created = resources.map(toObject).filter((object) => object !== undefined);
  const found = await Promise.all(releases.map((release) => readRelease(cluster, release, renderRelease)));
  const live = [
    ...found.flatMap((release) => release.live),
    ...(await readObjects(cluster, created, recordLive)),
  ];
  const templates = [...found.flatMap((release) => release.templates), ...created];
  const sides = {
    live: live.map(([object]) => object),
    rendered: [...found.flatMap(({ rendered }) => rendered), ...created],
  };
  return {
    ...hideSecrets(sides, templates),
    managers: new Map(live.map(([object, managedFields]) => [identifyObject(object), managedFields])),
  };
}

async function readRelease(cluster: Cluster, release: RecordedResource, renderRelease: RenderRelease) {
  const { name, namespace, values = {} } = release.inputs;
  const [record] = await readHelmReleases(cluster, [String(name)], String(namespace));
  const recorded = withRandomValues(values, record?.values ?? {});
  const filled = fillPlaceholders(recorded, record?.values ?? {});
  const hasSecrets = JSON.stringify(recorded).includes(SECRET);
  const sent = record === undefined ? [] : parseManifest(record.manifest, record.namespace);
  return {
    rendered: await renderRelease(release, filled as Values),
    templates: hasSecrets ? await renderRelease(release, recorded as Values) : [],
    live: await readObjects(cluster, sent),
  };
}

/** The values with the minute of the heartbeat, which is random. A recording has midnight in its place. */
function withRandomValues(values: Json, live: Readonly<Record<string, unknown>>): Json {
  const { heartbeatSchedule: schedule } = live;
  const isRandom = isFields(values) && values.heartbeatSchedule === RECORDED_SCHEDULE;
  return isRandom && typeof schedule === "string" && DAILY.test(schedule)
    ? { ...values, heartbeatSchedule: schedule }
    : values;
}

/**
 * Reads objects, reduced to the fields of `desired` and of other managers. Objects that do not exist are left out.
 *
 * @param describe {@link recordLive} for objects of a recording, which have placeholders
 */
async function readObjects(
  cluster: Cluster,
  desired: readonly KubernetesObject[],
  describe?: DescribeLive,
): Promise<Live[]> {
  const live: Live[] = [];
  for (let start = 0; start < desired.length; start += CONCURRENCY) {
    const batch = desired
      .slice(start, start + CONCURRENCY)
      .map((object) => readObject(cluster, object, describe));
    live.push(...(await Promise.all(batch)).filter((object) => object !== undefined));
  }
  return live;
}

async function readObject(
  cluster: Cluster,
  desired: KubernetesObject,
  describe?: DescribeLive,
): Promise<Live | undefined> {
  const { apiVersion, kind, metadata } = desired;
  if (isSecret(desired)) {
    const found = await cluster.readMetadata(apiVersion, kind, metadata.name, metadata.namespace);
    if (found === undefined) return undefined;
    const { managedFields = [] } = found;
    return [projectSecret(found, desired, managedFields, describe), managedFields];
  }
  const found = await cluster.read<ClusterObject>(apiVersion, kind, metadata.name, metadata.namespace);
  if (found === undefined) return undefined;
  const { managedFields = [] } = found.metadata;
  const object = found as unknown as KubernetesObject;
  // Platforms add labels and annotations of their own to all namespaces.
  const foreign = kind === "Namespace" ? [] : findForeignFields(object, managedFields);
  return [projectLive(object, desired, foreign, describe), managedFields];
}
