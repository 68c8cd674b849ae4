/** Settings of the installation: its optional parts, its adoption and its removal. */
import { flag, setting } from "./common-schemas.ts";

/** The settings with their defaults. */
export const installationShape = {
  installGatewayApi: setting(flag.default(true), {
    description:
      "Install the CRDs of the Gateway API, version 1.1.1. Set `false` where the cluster has them; charts older than 2025.3.1 can't leave them out.",
    table: "cluster",
    chartValues: { crds: ["installGatewayAPI"] },
  }),
  adopt: setting(flag.default(false), {
    description:
      "[Take over](adoption.md) the mesh that Helm installed in these namespaces, instead of installing one.",
    table: "cluster",
  }),
  useExistingNamespaces: setting(flag.default(false), {
    description:
      "Use namespaces that [another tool created](removal.md#what-destroy-deletes), and keep the mesh's namespaces on destroy. Without it, an existing namespace is rejected, unless this stack created it.",
    table: "cluster",
  }),
  keepCrds: setting(flag.default(true), {
    description:
      "Keep Linkerd's CRDs in the cluster on [destroy](removal.md), and with them the policies of all teams.",
    table: "cluster",
  }),
  preventDestroyInUse: setting(flag.default(false), {
    description: "Reject the [destroy](removal.md) of a mesh that pods still use.",
    table: "cluster",
    renamedFrom: "protect",
  }),
  viz: setting(flag.default(true), {
    description: "Install the viz extension: metrics, tap and the dashboard.",
    table: "cluster",
  }),
};
