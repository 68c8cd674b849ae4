/** Renders a recorded stack: the objects of its releases and those that the program creates itself. */
import type { Json, KubernetesObject } from "../../objects/kubernetes-object.ts";
import { isFields } from "../../objects/list-keys.ts";
import { RELEASE } from "../../objects/program-resource.ts";
import type { RecordedResource, RecordedStack } from "../../program/recorded-stack.ts";
import { readPin } from "../charts/chart-pin.ts";
import type { FindChart } from "../charts/find-chart.ts";
import { fillDigests } from "./digests.ts";
import { toObject } from "./program-object.ts";
import type { RenderChart } from "./render-chart.ts";

/** Renders a recorded release with values. */
export type RenderRelease = (
  release: RecordedResource,
  values: { readonly [key: string]: Json | undefined },
) => Promise<readonly KubernetesObject[]>;

/** Creates a function that renders releases. */
export function createRenderRelease(findChart: FindChart, renderChart: RenderChart): RenderRelease {
  return async (release, values) => {
    const pin = readPin(release);
    const chart = await findChart(pin);
    return renderChart({ chart, name: pin.name, namespace: String(release.inputs.namespace), values });
  };
}

/**
 * Renders a stack. Certificates and secrets are the placeholders of the recorded stack. Objects of releases come first,
 * in the order of the recorded stack.
 */
export async function renderStack(
  stack: RecordedStack,
  renderRelease: RenderRelease,
): Promise<KubernetesObject[]> {
  const { resources } = stack;
  const releases = resources.filter(({ type }) => type === RELEASE);
  const rendered = await Promise.all(
    releases.map((release) => {
      const { values } = release.inputs;
      return renderRelease(release, isFields(values) ? fillDigests(values, stack) : {});
    }),
  );
  const created = resources.map(toObject).filter((object) => object !== undefined);
  return [...rendered.flat(), ...created];
}
