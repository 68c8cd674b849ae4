/** The checks of the options of the rules. */
import { formatValue, type ValidationIssue } from "../../inputs/validation.ts";
import { LATENCY_BOUNDS_MS } from "../promql/applications/latency.ts";
import { type RuleOptions, resolveRuleOptions } from "./rule-options.ts";

/** A burn rate of 14.4 is more than all requests below this objective, so that its alert could not fire. */
const LOWEST_SUCCESS_RATE = 0.95;
const SHORTEST_RETENTION = "6h";

/** Issues with the options, given the names of all alerts. */
export function ruleOptionIssues(
  options: RuleOptions,
  alertNames: () => ReadonlySet<string>,
): ValidationIssue[] {
  return [
    ...objectiveIssues(options),
    ...retentionIssues(options),
    ...labelIssues(options.labels),
    ...runbookIssues(options.runbookUrl),
    ...disabledIssues(options.disabled, alertNames),
  ];
}

function objectiveIssues(options: RuleOptions): ValidationIssue[] {
  const { successRate, latencyMs, latencyShare, minRequests } = resolveRuleOptions(options);
  const issues: ValidationIssue[] = [];
  if (!(successRate >= LOWEST_SUCCESS_RATE && successRate < 1)) {
    issues.push({
      path: ["successRate"],
      reason: `must be a number from ${LOWEST_SUCCESS_RATE} to less than 1`,
      got: String(successRate),
      because:
        "The alert for a fast burn rate needs 14.4 times the share of failures that the objective allows",
    });
  }
  if (!LATENCY_BOUNDS_MS.some((bound) => bound === latencyMs)) {
    issues.push({
      path: ["latencyMs"],
      reason: "must be a latency that Prometheus counts: 1, 2 or 5 times a power of ten, from 1 to 50000",
      got: String(latencyMs),
      because: "The number of responses above any other latency is not known",
      fixes: nearestBounds(latencyMs).map((value) => ({ kind: "set", path: ["latencyMs"], value })),
    });
  }
  if (!(latencyShare > 0 && latencyShare < 1)) {
    issues.push({
      path: ["latencyShare"],
      reason: "must be a number between 0 and 1",
      got: String(latencyShare),
    });
  }
  if (!(Number.isInteger(minRequests) && minRequests >= 1)) {
    issues.push({
      path: ["minRequests"],
      reason: "must be an integer of 1 or more",
      got: String(minRequests),
    });
  }
  return issues;
}

function retentionIssues(options: RuleOptions): ValidationIssue[] {
  if (resolveRuleOptions(options).retention >= 6 * 3600) return [];
  return [
    {
      path: ["retention"],
      reason: `must be a duration of ${SHORTEST_RETENTION} or more`,
      got: formatValue(options.retention),
      because: "A burn rate over a longer window than the retention has no result",
      fixes: [{ kind: "set", path: ["retention"], value: SHORTEST_RETENTION }],
    },
  ];
}

/** Labels that rules or Prometheus set themselves. Prometheus reserves names that begin with two underscores. */
const OWN_LABELS = ["alertname", "severity"];

function labelIssues(labels: RuleOptions["labels"] = {}): ValidationIssue[] {
  return Object.keys(labels).flatMap((name): ValidationIssue[] => {
    const path = ["labels", name];
    if (OWN_LABELS.includes(name)) {
      return [
        {
          path,
          reason: `must not be ${OWN_LABELS.join(" or ")}`,
          because: "Every alert has these labels already",
          fixes: [{ kind: "remove" }],
        },
      ];
    }
    if (/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) return [];
    return [
      {
        path,
        reason:
          "must be the name of a Prometheus label: letters, digits and underscores, with no digit first",
        got: formatValue(name),
        fixes: [{ kind: "remove" }],
      },
    ];
  });
}

function runbookIssues(url: string | undefined): ValidationIssue[] {
  if (url === undefined || (/^https?:\/\/[^\s#@]+$/.test(url) && URL.canParse(url))) return [];
  return [
    {
      path: ["runbookUrl"],
      reason: "must be an http or https URL without credentials and without a fragment",
      because: "The name of the alert is added to it as the fragment",
    },
  ];
}

function disabledIssues(
  disabled: RuleOptions["disabled"] = [],
  alertNames: () => ReadonlySet<string>,
): ValidationIssue[] {
  if (disabled.length === 0) return [];
  const names = alertNames();
  return disabled.flatMap((name, index): ValidationIssue[] => {
    const path = ["disabled", index];
    if (!names.has(name)) {
      return [
        {
          path,
          reason: "must be the name of an alert",
          got: formatValue(name),
          because: `Known alerts: ${[...names].join(", ")}`,
        },
      ];
    }
    if (disabled.indexOf(name) === index) return [];
    return [
      {
        path,
        reason: "must not be listed twice",
        got: formatValue(name),
        fixes: [{ kind: "remove" }],
      },
    ];
  });
}

/** The bounds below and above `latencyMs`, as far as there are any. */
function nearestBounds(latencyMs: number): number[] {
  const below = LATENCY_BOUNDS_MS.filter((bound) => bound < latencyMs).at(-1);
  const above = LATENCY_BOUNDS_MS.find((bound) => bound > latencyMs);
  return [below, above].filter((bound) => bound !== undefined);
}
