/** Where each chart gets its images. The names of the images are upstream's. */
import type * as pulumi from "@pulumi/pulumi";
import { type ChartValues, mergeValues } from "../../inputs/merge.ts";
import { mapInput } from "../../inputs/outputs.ts";
import { chartPin, isOlder, type LinkerdCharts } from "../charts/charts.ts";
import { DEFAULT_IMAGE_REGISTRY, type MeshSettings } from "./mesh-settings.ts";

type ImageSettings = Pick<MeshSettings, "imageRegistry" | "imagePullSecrets">;

/** A value derived from the registry; `undefined` for upstream's registry, which is the chart's default. */
function fromRegistry(
  { imageRegistry }: ImageSettings,
  change: (registry: string) => string,
): pulumi.Input<string | undefined> {
  return mapInput(imageRegistry, (registry?: string) =>
    registry === undefined || registry === DEFAULT_IMAGE_REGISTRY ? undefined : change(registry),
  );
}

/** The charts set these pull secrets on their ServiceAccounts. */
function pullSecrets({ imagePullSecrets }: ImageSettings): ChartValues {
  const names = imagePullSecrets as pulumi.Input<pulumi.Input<string>[] | undefined>;
  return {
    imagePullSecrets: mapInput(names, (names) =>
      names && names.length > 0 ? names.map((name) => ({ name })) : undefined,
    ),
  };
}

/** Images of linkerd-control-plane, which also decide those of every injected proxy. */
export function controlPlaneImages(settings: ImageSettings, charts: LinkerdCharts): ChartValues {
  const { version } = chartPin("linkerd-control-plane", charts);
  const image = (name: string) => ({ image: { name: fromRegistry(settings, (r) => `${r}/${name}`) } });
  return mergeValues(pullSecrets(settings), {
    controllerImage: fromRegistry(settings, (registry) => `${registry}/controller`),
    proxy: image("proxy"),
    debugContainer: image("debug"),
    // These have images of their own until these versions; later they are part of the controller's and the proxy's
    // (values.yaml of each version).
    policyController: isOlder(version, "2025.8.3") ? image("policy-controller") : undefined,
    proxyInit: isOlder(version, "2025.11.3") ? image("proxy-init") : undefined,
  });
}

/**
 * Images of linkerd-viz. The Prometheus image is not Linkerd's, but a mirror must hold it too. A pull-through cache has
 * another path for it, which `extraValues` sets.
 */
export function vizImages(settings: ImageSettings): ChartValues {
  const registry = fromRegistry(settings, (registry) => registry);
  return mergeValues(pullSecrets(settings), {
    defaultRegistry: registry,
    prometheus: { image: { registry } },
  });
}

/** The image of linkerd2-cni. */
export function cniImages(settings: ImageSettings): ChartValues {
  return mergeValues(pullSecrets(settings), {
    image: { name: fromRegistry(settings, (registry) => `${registry}/cni-plugin`) },
  });
}
