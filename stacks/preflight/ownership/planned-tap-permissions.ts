/** The permissions to tap, which are in the namespaces of workloads. */
import { TAP_VIEWER_NAME } from "../../../components/monitoring/viz-access/tap-permissions.ts";
import type { Settings } from "../../settings/settings-schema.ts";

/** Lists the Roles and their bindings with these settings. */
export function planTapPermissions({ viz, tap }: Pick<Settings, "viz" | "tap">) {
  if (!viz) return [];
  return (tap.viewers ?? []).flatMap(({ namespace }) =>
    ["Role", "RoleBinding"].map((kind) => ({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind,
      name: TAP_VIEWER_NAME,
      namespace,
      setting: "tap" as const,
    })),
  );
}
