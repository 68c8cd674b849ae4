/** Tests of rules with promtool, over series that are written as `promtool test rules` reads them. */
import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";
import type { Rule, RuleGroup, Severity } from "../../../components/observability/rules/rule-groups.ts";

/** An alert that fires: its labels without `alertname`, and its summary. */
export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** One history, and what an alert does in it. */
export interface RuleTest {
  readonly alert: string;
  /** Tests only the rule of this severity. @default every rule of that name */
  readonly severity?: Severity;
  /** For each series, its samples: `0+60x30` begins with 0 and increases 30 times by 60, `_` stands for a missing sample. */
  readonly series: Readonly<Record<string, string>>;
  /** Time between two samples, and between two evaluations. @default "1m" */
  readonly interval?: string;
  /** For each time since the first sample, the alerts that fire. */
  readonly firing: Readonly<Record<string, readonly FiringAlert[]>>;
}

/** Runs promtool and rejects with its output where it fails. */
async function runPromtool(...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(inject("metricsTools").promtool, args).catch(
    (error) => {
      throw new Error(`promtool ${args.slice(0, 2).join(" ")} failed:\n${error.stdout}${error.stderr}`);
    },
  );
  return stdout + stderr;
}

/** Writes files to a new directory. A JSON document is YAML, too. */
async function writeDocuments(documents: Readonly<Record<string, unknown>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "rules-"));
  for (const [name, document] of Object.entries(documents)) {
    await writeFile(join(directory, name), JSON.stringify(document));
  }
  return directory;
}

/**
 * The rules that an alert needs: the recording rules of its group, and those with its name. Only the summary is left of
 * the annotations, because promtool compares all of them. The description uses the same labels and the same value.
 */
function selectRules(groups: readonly RuleGroup[], { alert, severity }: RuleTest): object[] {
  const isNamed = (rule: Rule) =>
    "alert" in rule && rule.alert === alert && rule.labels.severity === (severity ?? rule.labels.severity);
  const selected = groups.filter(({ rules }) => rules.some(isNamed));
  if (selected.length === 0) throw new Error(`no rule is named ${alert}`);
  return selected.map(({ name, rules }) => ({
    name,
    rules: rules
      .filter((rule) => "record" in rule || isNamed(rule))
      .map((rule) =>
        "alert" in rule ? { ...rule, annotations: { summary: rule.annotations.summary } } : rule,
      ),
  }));
}

/** Rejects unless the rules do in a history what the test expects. */
export async function testRules(groups: readonly RuleGroup[], test: RuleTest): Promise<void> {
  const { alert, series, interval = "1m", firing } = test;
  const directory = await writeDocuments({
    "rules.yaml": { groups: selectRules(groups, test) },
    "test.yaml": {
      rule_files: ["rules.yaml"],
      evaluation_interval: interval,
      tests: [
        {
          interval,
          input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
          alert_rule_test: Object.entries(firing).map(([time, alerts]) => ({
            eval_time: time,
            alertname: alert,
            exp_alerts: alerts.map(({ labels, summary }) => ({
              exp_labels: labels,
              exp_annotations: { summary },
            })),
          })),
        },
      ],
    },
  });
  await runPromtool("test", "rules", join(directory, "test.yaml"));
}

/** Rejects unless Prometheus would load the rules. Returns the output of promtool. */
export async function checkRules(groups: readonly RuleGroup[]): Promise<string> {
  const directory = await writeDocuments({ "rules.yaml": { groups } });
  return runPromtool("check", "rules", "--lint=all", "--lint-fatal", join(directory, "rules.yaml"));
}
