/** Renders charts as Pulumi's provider does. */
import { catalog } from "../../../sandbox/tools/catalog.ts";
import { withoutKeys } from "../../../stacks/secrets/without-keys.ts";
import type { Json, KubernetesObject } from "../../objects/kubernetes-object.ts";
import { type Helm, HelmError } from "../helm.ts";
import { ManifestsError } from "../manifests-error.ts";
import { parseManifest } from "./manifest.ts";

/** A release to render. */
export interface ReleaseToRender {
  /** Path of the chart: a folder or an archive. */
  readonly chart: string;
  readonly name: string;
  readonly namespace: string;
  readonly values: { readonly [key: string]: Json | undefined };
}

/** Returns the objects of a release, each with its namespace. */
export type RenderChart = (release: ReleaseToRender) => Promise<readonly KubernetesObject[]>;

/** The version of Kubernetes that this project is tested on. Helm's own default may be older than charts accept. */
const KUBERNETES = catalog.find(({ name }) => name === "kube-apiserver")?.version ?? "";

/**
 * Creates a function that renders charts, each with the same values once.
 *
 * The provider installs with Helm's defaults, so it creates the CRDs in the folder `crds` of a chart (pulumi-kubernetes,
 * provider/pkg/provider/helm_release.go, `SkipCrds`). Hooks are not rendered: their objects are deleted when they
 * succeed, and charts enable them only for features that this project turns off.
 */
export function createRenderChart(helm: Helm): RenderChart {
  const rendered = new Map<string, Promise<readonly KubernetesObject[]>>();
  return (release) => {
    const key = JSON.stringify(release);
    const known = rendered.get(key);
    if (known !== undefined) return known;
    const result = renderChart(helm, release);
    rendered.set(key, result);
    return result;
  };
}

async function renderChart(helm: Helm, release: ReleaseToRender): Promise<readonly KubernetesObject[]> {
  const { chart, name, namespace, values } = release;
  const options = ["--include-crds", "--no-hooks", "--kube-version", KUBERNETES, "--values", "-"];
  try {
    const text = await helm(
      ["template", name, chart, "--namespace", namespace, ...options],
      JSON.stringify(values),
    );
    return parseManifest(text, namespace);
  } catch (error) {
    if (!(error instanceof HelmError)) throw error;
    const message = withoutKeys(error.message)
      .replace(/^Error: /, "")
      .split("\n\n")[0];
    throw new ManifestsError(
      `${name} in ${chart}`,
      { reason: "must render with the values of the stack", because: `Helm reports: ${message}` },
      [],
    );
  }
}
