/** The annotations for mesh options. Names and values: linkerd2, pkg/k8s/labels.go and pkg/inject/inject.go. */
import type * as pulumi from "@pulumi/pulumi";
import { isDeferred, omitUndefined } from "../inputs/outputs.ts";
import { flag, goDuration, matching, nonEmpty, oneOf, quantity, type TextReader } from "../inputs/readers.ts";
import type { IssueCollector, Path } from "../inputs/validation.ts";
import { LINKERD_VERSION, TRUST_BUNDLE } from "../linkerd/restart-annotations.ts";
import { type ProxySettings, proxyIssues } from "../linkerd/values/proxy.ts";
import type { MeshOptions, MeshRef, ProxyOptions } from "./mesh-options.ts";
import { PORT_FIELDS, type PodPorts, portAnnotations } from "./port-annotations.ts";

/** Annotations by name. */
export type Annotations = Record<string, pulumi.Input<string>>;

/**
 * Three names of one annotation: the current one since edge-26.5.2, beta since edge-25.10.2, alpha before. An injector
 * uses the first name that it knows, on the pod or else on its namespace. All three are written: otherwise a newer name
 * on a namespace would override an older name on a pod.
 */
const NATIVE_SIDECAR = [
  "config.linkerd.io/proxy-enable-native-sidecar",
  "config.beta.linkerd.io/proxy-enable-native-sidecar",
  "config.alpha.linkerd.io/proxy-enable-native-sidecar",
] as const;

/** All names of an annotation, the newest first. */
export function annotationNames(annotation: string): readonly string[] {
  return (NATIVE_SIDECAR as readonly string[]).includes(annotation) ? NATIVE_SIDECAR : [annotation];
}

/** Fields that each set one annotation to one value. */
type ValueFields = Readonly<Record<string, readonly [annotation: string, read: TextReader]>>;

const OPTION_FIELDS: ValueFields = {
  proxyAwait: ["config.linkerd.io/proxy-await", flag("enabled", "disabled")],
  shutdownGracePeriod: ["config.linkerd.io/shutdown-grace-period", goDuration],
  nativeSidecar: [NATIVE_SIDECAR[0], flag("true", "false")],
};
const PROXY_FIELDS: ValueFields = {
  cpuRequest: ["config.linkerd.io/proxy-cpu-request", quantity],
  cpuLimit: ["config.linkerd.io/proxy-cpu-limit", quantity],
  memoryRequest: ["config.linkerd.io/proxy-memory-request", quantity],
  memoryLimit: ["config.linkerd.io/proxy-memory-limit", quantity],
  logLevel: ["config.linkerd.io/proxy-log-level", nonEmpty],
  logFormat: ["config.linkerd.io/proxy-log-format", oneOf("plain", "json")],
  accessLog: ["config.linkerd.io/access-log", oneOf("apache", "json")],
};
const REF_FIELDS: ValueFields = {
  linkerdVersion: [LINKERD_VERSION, nonEmpty],
  trustBundleSha256: [TRUST_BUNDLE, matching(/^[0-9a-f]*$/, "a SHA-256 in lower-case hexadecimal")],
};

const KNOWN_FIELDS = ["inject", ...PORT_FIELDS, "skipSmtp", ...Object.keys(OPTION_FIELDS), "proxy", "ref"];
const RENAMED_FIELDS = {
  from: "mesh.ref",
  mail: "mesh.skipSmtp",
  waitForProxy: "mesh.proxyAwait",
  shutdownGrace: "mesh.shutdownGracePeriod",
};

const injectMode = oneOf("enabled", "ingress", "disabled");
const boolean = flag("true", "false");

/**
 * The annotations for `options`, all except `linkerd.io/inject`. Adds an issue for every invalid field.
 *
 * @param pods the ports of the pods; `undefined` for a namespace
 */
export function meshAnnotations(
  options: MeshOptions,
  pods: PodPorts | undefined,
  issues: IssueCollector,
): Annotations {
  const { inject, skipSmtp, proxy = {}, ref } = options;
  issues.addUnknownKeys(["mesh"], options, KNOWN_FIELDS, RENAMED_FIELDS);
  issues.addUnknownKeys(["mesh", "proxy"], proxy, Object.keys(PROXY_FIELDS));
  if (inject !== undefined) issues.read(["mesh", "inject"], inject, injectMode);
  if (skipSmtp !== undefined) issues.read(["mesh", "skipSmtp"], skipSmtp, boolean);
  if (ref !== undefined) requireRefFields(ref, issues);

  const annotations: Partial<Annotations> = {
    ...readFields(["mesh"], options, OPTION_FIELDS, issues),
    ...readFields(["mesh", "proxy"], proxy, PROXY_FIELDS, issues),
    ...readFields(["mesh", "ref"], ref ?? {}, REF_FIELDS, issues),
    ...portAnnotations(options, pods, issues),
  };
  for (const { path, conflictsWith, ...issue } of proxyIssues(knownSettings(proxy))) {
    issues.add({
      ...issue,
      path: ["mesh", ...path],
      conflictsWith: conflictsWith && ["mesh", ...conflictsWith],
    });
  }
  for (const name of NATIVE_SIDECAR) annotations[name] = annotations[NATIVE_SIDECAR[0]];
  return omitUndefined(annotations);
}

/** A copy without the annotations that change with the mesh. */
export function withoutRestartAnnotations(annotations: Annotations): Annotations {
  const { [LINKERD_VERSION]: _version, [TRUST_BUNDLE]: _bundle, ...rest } = annotations;
  return rest;
}

/** The annotations for the fields that are set. */
function readFields(
  path: Path,
  given: object,
  fields: ValueFields,
  issues: IssueCollector,
): Partial<Annotations> {
  const annotations: Partial<Annotations> = {};
  for (const [field, [annotation, read]] of Object.entries(fields)) {
    const value = (given as Record<string, unknown>)[field];
    if (value !== undefined) annotations[annotation] = issues.read([...path, field], value, read);
  }
  return annotations;
}

/** With a field missing, pods would silently not restart. A field that is `undefined` is the caller's decision. */
function requireRefFields(ref: MeshRef, issues: IssueCollector): void {
  for (const field of Object.keys(REF_FIELDS).filter((each) => !(each in ref))) {
    issues.add({
      path: ["mesh", "ref", field],
      reason: "must be present",
      got: "nothing",
      because: "Pods restart when it changes",
      fixes: [{ kind: "instruction", text: "pass a ServiceMesh or a MeshReference as mesh.ref" }],
    });
  }
}

/** The proxy options that are known now, and so can be compared with each other. */
function knownSettings(proxy: ProxyOptions): ProxySettings {
  return Object.fromEntries(Object.entries(proxy).filter(([, value]) => !isDeferred(value)));
}
