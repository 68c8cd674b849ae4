/** What makes a pod template ask for the proxy: the annotation Linkerd reads and the label people look for. */
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** Label, annotation: the same key (linkerd.io, "Automatic Proxy Injection"). */
export const INJECT_KEY = "linkerd.io/inject";

/** `enabled` injects, `ingress` injects for ingress controllers, `disabled` keeps the proxy out. */
const DEFAULT_MODE = "enabled";

type PodTemplate = k8s.types.input.core.v1.PodTemplateSpec;
type ObjectMeta = k8s.types.input.meta.v1.ObjectMeta;
type StringMap = { [key: string]: pulumi.Input<string> };

/**
 * Applies `change` to a value that may be an Output. A plain value is changed at once and keeps the Outputs
 * inside it, so that one unknown image does not make a whole template unknown in a preview.
 */
export function mapInput<T, R>(
  input: pulumi.Input<T>,
  change: (value: T) => pulumi.Input<R>,
): pulumi.Input<R> {
  if (pulumi.Output.isInstance(input) || input instanceof Promise) {
    return pulumi.output(input).apply((value) => change(value as T)) as pulumi.Output<R>;
  }
  return change(input);
}

/**
 * A copy of the pod template that asks for injection, unless it says otherwise already: an annotation or
 * else a label that the caller set decides for both.
 */
export function injectedTemplate(template: pulumi.Input<PodTemplate>): pulumi.Input<PodTemplate> {
  return mapInput(template, (plain) => ({
    ...plain,
    metadata: mapInput(plain.metadata as pulumi.Input<ObjectMeta | undefined>, injectedMetadata),
  }));
}

function injectedMetadata(metadata: ObjectMeta = {}): ObjectMeta {
  const labels = (metadata.labels ?? {}) as pulumi.Input<StringMap>;
  const annotations = (metadata.annotations ?? {}) as pulumi.Input<StringMap>;
  const mode = injectionMode(labels, annotations);
  const withMode = (own: StringMap): StringMap => ({ [INJECT_KEY]: mode, ...own });
  return { ...metadata, labels: mapInput(labels, withMode), annotations: mapInput(annotations, withMode) };
}

function injectionMode(
  labels: pulumi.Input<StringMap>,
  annotations: pulumi.Input<StringMap>,
): pulumi.Input<string> {
  return mapInput(annotations, (annotated) =>
    mapInput(labels, (labelled) => annotated[INJECT_KEY] ?? labelled[INJECT_KEY] ?? DEFAULT_MODE),
  );
}
