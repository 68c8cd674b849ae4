/** Where images come from, as each chart spells it. Names of images are upstream's. */

import { type ChartValues, mergeValues } from "../../inputs/merge.ts";
import { chartPin, isOlder, type LinkerdCharts } from "../charts/charts.ts";
import { DEFAULT_IMAGE_REGISTRY, type MeshSettings } from "./mesh-settings.ts";

type ImageSettings = Pick<MeshSettings, "imageRegistry" | "imagePullSecrets">;

/** A registry that is not upstream's, without a slash at its end. */
function ownRegistry({ imageRegistry }: ImageSettings): string | undefined {
  return imageRegistry === DEFAULT_IMAGE_REGISTRY ? undefined : imageRegistry;
}

/** Pull secrets go onto the charts' ServiceAccounts. */
function pullSecrets({ imagePullSecrets = [] }: ImageSettings): ChartValues {
  return imagePullSecrets.length > 0 ? { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) } : {};
}

/** Images of linkerd-control-plane, and through it of every injected proxy. */
export function controlPlaneImages(settings: ImageSettings, charts: LinkerdCharts): ChartValues {
  const registry = ownRegistry(settings);
  if (registry === undefined) return pullSecrets(settings);
  const { version } = chartPin("linkerd-control-plane", charts);
  const image = (name: string) => ({ image: { name: `${registry}/${name}` } });
  return mergeValues(pullSecrets(settings), {
    controllerImage: `${registry}/controller`,
    proxy: image("proxy"),
    debugContainer: image("debug"),
    // Images of their own until these versions, in the controller's and the proxy's since (values.yaml of each).
    policyController: isOlder(version, "2025.8.3") ? image("policy-controller") : undefined,
    proxyInit: isOlder(version, "2025.11.3") ? image("proxy-init") : undefined,
  });
}

/** Images of linkerd-viz. Its Prometheus is no image of Linkerd's, but the mirror has to hold it too. */
export function vizImages(settings: ImageSettings): ChartValues {
  const registry = ownRegistry(settings);
  return mergeValues(pullSecrets(settings), {
    defaultRegistry: registry,
    prometheus: { image: { registry } },
  });
}

/** The image of linkerd2-cni. */
export function cniImages(settings: ImageSettings): ChartValues {
  const registry = ownRegistry(settings);
  return mergeValues(pullSecrets(settings), {
    image: { name: registry === undefined ? undefined : `${registry}/cni-plugin` },
  });
}
