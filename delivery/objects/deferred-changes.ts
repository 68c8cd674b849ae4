/** Changes that running pods take at their next start only. */
import { parseDocument } from "yaml";
import { compareValues } from "./compare-values.ts";
import { formatObject, type Json, type KubernetesObject } from "./kubernetes-object.ts";
import { groupKind } from "./list-keys.ts";
import type { ChangedObject, DeferredChange, FieldChange, ObjectChanges } from "./object-changes.ts";
import { isBelow } from "./path.ts";
import { restartsPods } from "./restarts.ts";
import { describeWaiting, isRestarting, readFields, readList } from "./workloads.ts";

/**
 * The Helm values that reach the pods of applications: the injector reads `linkerd-config` and renders these parts of
 * the chart into each new pod (linkerd2, charts/patch/templates/patch.json, which includes charts/partials).
 */
const INJECTED_VALUES: readonly (readonly string[])[] = [
  ["proxy"],
  ["proxyInit"],
  ["networkValidator"],
  ["debugContainer"],
  ["cniEnabled"],
  ["clusterDomain"],
  ["clusterNetworks"],
  ["disableIPv6"],
  ["identity", "serviceAccountTokenProjection"],
  ["identityTrustAnchorsPEM"],
  ["identityTrustDomain"],
  ["imagePullPolicy"],
  ["linkerdVersion"],
];

/** Annotations of a namespace that the injector copies to new pods (linkerd2, pkg/k8s/labels.go). */
const INJECTION = /^(config(\.alpha|\.beta)?\.linkerd\.io\/|linkerd\.io\/inject$)/;

/**
 * Returns the changes that no restart follows, so that running pods keep the old value:
 * values of the injected proxies, annotations of namespaces, the template of a CronJob, the template of a workload that
 * waits, and ConfigMaps or Secrets that an unchanged pod template reads into its environment.
 *
 * @param after All objects after the change.
 */
export function findDeferredChanges(
  { changed }: ObjectChanges,
  after: readonly KubernetesObject[],
): DeferredChange[] {
  const restarting = new Set(
    changed.filter(({ fields }) => fields.some(restartsPods)).map(({ after: object }) => object),
  );
  const unchanged = after.filter((object) => isRestarting(object) && !restarting.has(object));
  return changed.flatMap((object) => [
    ...findInjectedValues(object),
    ...findInjectionAnnotations(object),
    ...findWaitingPods(object),
    ...findReaders(object, unchanged),
  ]);
}

function findInjectedValues({ before, after }: ChangedObject): DeferredChange[] {
  if (groupKind(after) !== "/ConfigMap" || after.metadata.name !== "linkerd-config") return [];
  const [left, right] = [before, after].map((object) => parseValues(readFields(object, "data").values));
  const because = INJECTED_VALUES.flatMap((path) => {
    const [field = "", ...parents] = [...path].reverse();
    const [old, value] = [left, right].map((values) => readFields(values, ...parents.reverse())[field]);
    return compareValues("", path, old, value);
  });
  return defer(
    after,
    "Meshed pods of applications take these values of the injected proxy at their next restart.",
    because,
  );
}

/** The values of the ConfigMap. Text that is not YAML has none; its differences are shown as lines. */
function parseValues(text: Json | undefined): unknown {
  const document = parseDocument(typeof text === "string" ? text : "");
  return document.errors.length === 0 ? document.toJS() : {};
}

function findInjectionAnnotations({ after, fields }: ChangedObject): DeferredChange[] {
  if (groupKind(after) !== "/Namespace") return [];
  const because = fields.filter(
    ({ steps }) => isBelow(steps, "metadata", "annotations") && INJECTION.test(String(steps[2])),
  );
  return defer(after, "Pods of the namespace take these annotations at their next restart.", because);
}

function findWaitingPods({ after, fields }: ChangedObject): DeferredChange[] {
  if (groupKind(after) === "batch/CronJob") {
    const because = fields.filter(({ steps }) => isBelow(steps, "spec", "jobTemplate"));
    return defer(after, "The next scheduled Job takes the change.", because);
  }
  const waiting = isRestarting(after) ? describeWaiting(after) : undefined;
  return waiting === undefined ? [] : defer(after, waiting, fields.filter(restartsPods));
}

/** Workloads that read the object into the environment of a container, which Kubernetes sets once. */
function findReaders(
  { after, fields }: ChangedObject,
  workloads: readonly KubernetesObject[],
): DeferredChange[] {
  const kind = groupKind(after);
  if (kind !== "/ConfigMap" && kind !== "/Secret") return [];
  const changed = fields.filter(
    ({ steps }) => isBelow(steps, "data") || isBelow(steps, "binaryData") || isBelow(steps, "stringData"),
  );
  const keys = new Set(changed.map(({ steps }) => String(steps[1])));
  return workloads
    .filter(({ metadata }) => metadata.namespace === after.metadata.namespace)
    .filter((workload) => readsEnvironment(workload, kind, after.metadata.name, keys))
    .flatMap((workload) =>
      defer(
        after,
        `${formatObject(workload)} reads it into its environment, and takes the change at its next restart.`,
        changed,
      ),
    );
}

function readsEnvironment(
  workload: KubernetesObject,
  kind: "/ConfigMap" | "/Secret",
  name: string,
  keys: ReadonlySet<string>,
): boolean {
  const spec = readFields(workload, "spec", "template", "spec");
  const [all, one] = kind === "/Secret" ? ["secretRef", "secretKeyRef"] : ["configMapRef", "configMapKeyRef"];
  return [...readList(spec, "containers"), ...readList(spec, "initContainers")].some(
    (container) =>
      readList(container, "envFrom").some((source) => readFields(source, all).name === name) ||
      readList(container, "env").some((variable) => {
        const reference = readFields(variable, "valueFrom", one);
        return reference.name === name && keys.has(String(reference.key));
      }),
  );
}

function defer(
  object: KubernetesObject,
  effect: string,
  because: readonly Pick<FieldChange, "path">[],
): DeferredChange[] {
  if (because.length === 0) return [];
  return [{ object: formatObject(object), effect, because: because.map(({ path }) => path) }];
}
