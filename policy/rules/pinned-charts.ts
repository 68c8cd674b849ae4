/** Helm charts: exact versions from sources that Helm reads the same way on each machine. */
import { formatValue, type ValidationIssue } from "../../components/inputs/validation.ts";
import type { CheckedResource } from "./checked-resource.ts";
import { RELEASE } from "./resource-types.ts";
import type { Rule } from "./rule.ts";
import { UNKNOWN, valueAt } from "./values.ts";

/** Mandatory: a chart that is not pinned changes the cluster without a change that anyone reviews. */
export const pinnedCharts: Rule = {
  name: "pinned-charts",
  description:
    "A Helm release has an exact chart version and a source that every machine reads the same way.",
  enforcement: "mandatory",
  scope: "resource",
  check(resources, report) {
    for (const resource of resources) {
      if (resource.type !== RELEASE) continue;
      for (const issue of [checkVersion(resource), checkSource(resource), checkDevelopment(resource)]) {
        if (issue !== undefined) report(resource, issue);
      }
    }
  },
};

/** Semantic Versioning 2.0.0: one version, and no range. Helm also accepts a leading `v`. */
const EXACT = /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** A digest of an OCI artifact, which pins more than a version does. */
const DIGEST = /@sha256:[0-9a-f]{64}$/;

/** Where the chart of a release comes from. `undefined` if that is not known. */
type Source = "repository" | "registry" | "path" | "url" | "name" | undefined;

function sourceOf({ inputs }: CheckedResource): Source {
  const repository = valueAt(inputs, "repositoryOpts", "repo");
  const { chart } = inputs;
  if (typeof chart !== "string" || repository === UNKNOWN) return undefined;
  if (chart.startsWith("oci://")) return "registry";
  if (/^https?:\/\//.test(chart)) return "url";
  if (typeof repository === "string" && repository !== "") return "repository";
  return isRepositoryAlias(chart) ? "name" : "path";
}

/**
 * Whether Helm may look a chart up in a repository of the machine. Without a repository of its own, `name` and
 * `alias/name` are such a chart unless there is a file of that name (helm, pkg/action/install.go, LocateChart).
 */
function isRepositoryAlias(chart: string): boolean {
  return /^[^./\\]+(\/[^/]+)?$/.test(chart) && !chart.endsWith(".tgz");
}

function checkVersion(resource: CheckedResource): ValidationIssue | undefined {
  const { chart, version } = resource.inputs;
  const source = sourceOf(resource);
  if (source === undefined || version === UNKNOWN || DIGEST.test(String(chart))) return undefined;
  if (version === undefined || version === null || version === "") {
    if (source === "path" || source === "url") return undefined;
    return issueOf("nothing, which is the latest version");
  }
  return EXACT.test(String(version)) ? undefined : issueOf(formatValue(version));
}

function issueOf(got: string): ValidationIssue {
  return {
    path: ["version"],
    reason: "must be one exact version",
    got,
    because: "Each update may install another chart otherwise",
    fixes: [{ kind: "instruction", text: "set version to the one that is deployed: `helm list` shows it" }],
  };
}

function checkSource(resource: CheckedResource): ValidationIssue | undefined {
  const { chart } = resource.inputs;
  switch (sourceOf(resource)) {
    case "repository": {
      const repository = valueAt(resource.inputs, "repositoryOpts", "repo");
      if (typeof repository !== "string" || !repository.startsWith("http://")) return undefined;
      return {
        path: ["repositoryOpts", "repo"],
        reason: "must begin with https://",
        got: "http://",
        because: "Everyone on the network path can replace the chart",
        fixes: [{ kind: "instruction", text: "use the repository by https" }],
      };
    }
    case "url":
      return {
        path: ["chart"],
        reason: "must be a name with repositoryOpts.repo, an oci:// reference or a path",
        got: "the URL of an archive",
        because: "The content behind a URL has no version",
        fixes: [{ kind: "instruction", text: "set repositoryOpts.repo to the repository of the chart" }],
      };
    case "name":
      return {
        path: ["chart"],
        reason:
          "must be a name with repositoryOpts.repo, an oci:// reference or a path that begins with ./ or /",
        got: formatValue(chart),
        because:
          "Helm looks it up in the repositories that are configured on the machine, unless there is a file of this name",
        fixes: [
          { kind: "instruction", text: "set repositoryOpts.repo to the repository of the chart" },
          { kind: "instruction", text: "begin the path of a local chart with ./" },
        ],
      };
    default:
      return undefined;
  }
}

function checkDevelopment({ inputs }: CheckedResource): ValidationIssue | undefined {
  if (inputs.devel !== true) return undefined;
  return {
    path: ["devel"],
    reason: "must not be true",
    got: "true",
    because: "Helm then prefers the newest development version",
    fixes: [{ kind: "remove" }],
  };
}
