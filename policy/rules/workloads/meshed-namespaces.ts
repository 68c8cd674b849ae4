/** Workloads in meshed namespaces: meshed, or opted out by name. */
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import type { CheckedResource } from "../checked-resource.ts";
import { NAMESPACE } from "../resource-types.ts";
import type { Rule } from "../rule.ts";
import { textAt, type UNKNOWN, valueAt } from "../values.ts";
import {
  hasProxy,
  isMeshedMode,
  type PodTemplate,
  podTemplateOf,
  requestedMode,
  requestPath,
} from "./pod-templates.ts";
import { checkObstacle } from "./proxy-obstacles.ts";

/** Advisory: a namespace may have workloads of several teams, of which not all are ready for the mesh. */
export const meshedNamespaces: Rule = {
  name: "meshed-namespaces",
  description: "A workload in a meshed namespace is meshed, or opts out with linkerd.io/inject: disabled.",
  enforcement: "advisory",
  scope: "stack",
  options: ["namespaces"],
  check(resources, report, { namespaces = [] }) {
    const requests = readNamespaces(resources);
    const workloads = resources.map(podTemplateOf).filter((each) => each !== undefined);
    const meshed = new Set([...namespaces, ...workloads.filter(isMeshed).map(namespaceOf)]);
    for (const pods of workloads) {
      const namespace = namespaceOf(pods);
      // The rule about single workloads covers those that request a mode.
      if (namespace === undefined || hasProxy(pods) || modeOf(pods) !== undefined) continue;
      const request = requests.get(namespace);
      const issue = isMeshedMode(request)
        ? checkObstacle(pods)
        : request === undefined && meshed.has(namespace)
          ? describeUndecided(pods, namespace)
          : undefined;
      if (issue !== undefined) report(pods.resource, issue);
    }
  },
};

/** What the namespaces among the resources request for their pods, by name. One without a known name is left out. */
function readNamespaces(
  resources: readonly CheckedResource[],
): Map<string, string | typeof UNKNOWN | undefined> {
  return new Map(
    resources
      .filter(({ type }) => type === NAMESPACE)
      .flatMap(({ inputs }) => {
        const name = textAt(inputs, "metadata", "name");
        return name === undefined ? [] : [[name, requestedMode(inputs.metadata)] as const];
      }),
  );
}

function modeOf({ template }: PodTemplate) {
  return requestedMode(valueAt(template, "metadata"));
}

function isMeshed(pods: PodTemplate): boolean {
  return isMeshedMode(modeOf(pods));
}

function namespaceOf({ resource }: PodTemplate): string | undefined {
  return textAt(resource.inputs, "metadata", "namespace");
}

function describeUndecided(pods: PodTemplate, namespace: string): ValidationIssue {
  return {
    path: requestPath(pods),
    reason: `must be enabled, ingress or disabled in the meshed namespace ${namespace}`,
    got: "nothing",
    because: "Traffic of the workload is in plain text, and nothing states that this is intended",
    fixes: [
      {
        kind: "instruction",
        text: 'mesh the workload with MeshedDeployment or meshed(), or set the annotation to "disabled"',
      },
    ],
  };
}
