/** Workloads that request the mesh. */
import { formatValue } from "../../../components/inputs/validation.ts";
import type { Rule } from "../rule.ts";
import { valueAt } from "../values.ts";
import { hasProxy, isMeshedMode, podTemplateOf, requestedMode, requestPath } from "./pod-templates.ts";
import { checkObstacle } from "./proxy-obstacles.ts";

/** Mandatory: the workload's own template requests mTLS, and its traffic would be in plain text without an error. */
export const injectableWorkloads: Rule = {
  name: "injectable-workloads",
  description: "A workload that requests a proxy gets one.",
  enforcement: "mandatory",
  scope: "resource",
  check(resources, report) {
    for (const resource of resources) {
      const pods = podTemplateOf(resource);
      if (pods === undefined || hasProxy(pods)) continue;
      const mode = requestedMode(valueAt(pods.template, "metadata"));
      if (isMeshedMode(mode)) {
        const issue = checkObstacle(pods);
        if (issue !== undefined) report(resource, issue);
      } else if (typeof mode === "string" && mode !== "disabled") {
        report(resource, {
          path: requestPath(pods),
          reason: "must be enabled, ingress or disabled",
          got: formatValue(mode),
          because: "Linkerd ignores other values",
          fixes: [
            { kind: "instruction", text: 'set it to "enabled", or to "disabled" to keep the proxy out' },
          ],
        });
      }
    }
  },
};
