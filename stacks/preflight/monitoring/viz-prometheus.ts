/** Compares viz's Prometheus with the settings: the volume, which Kubernetes does not change, and the samples that it keeps. */
import { isTable } from "../../../components/inputs/merge.ts";
import { parseQuantity } from "../../../components/inputs/quantity.ts";
import { formatValue, type ValidationIssue } from "../../../components/inputs/validation.ts";
import {
  DEFAULT_ACCESS_MODE,
  type VolumeOptions,
} from "../../../components/linkerd/values/monitoring/viz-prometheus.ts";
import { parseDuration } from "../../../components/observability/rules/duration.ts";
import { DEFAULT_RETENTION } from "../../../components/observability/rules/rule-options.ts";

const PATH = ["monitoring", "prometheus"];

/** A Prometheus of viz that exists. */
export interface InstalledPrometheus {
  readonly volume: { readonly [field in keyof VolumeOptions]?: string | undefined } | undefined;
  readonly retention: string;
}

/** The Prometheus that a release of linkerd-viz with these values has; `undefined` without one. */
export function installedPrometheus(values: unknown): InstalledPrometheus | undefined {
  const prometheus = isTable(values) && isTable(values.prometheus) ? values.prometheus : {};
  if (prometheus.enabled === false) return undefined;
  const { persistence, args } = prometheus;
  const retention = isTable(args) ? args["storage.tsdb.retention.time"] : undefined;
  return {
    volume:
      isTable(persistence) && Object.keys(persistence).length > 0
        ? {
            size: text(persistence.size),
            storageClass: text(persistence.storageClass),
            accessMode: text(persistence.accessMode),
          }
        : undefined,
    retention: text(retention) ?? DEFAULT_RETENTION,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Issues with a volume that would shrink, or change in another way. Removing it is allowed. */
export function volumeChangeIssues(
  installed: InstalledPrometheus | undefined,
  planned: VolumeOptions | undefined,
): ValidationIssue[] {
  const volume = installed?.volume;
  if (volume === undefined || planned === undefined) return [];
  return [...sizeIssues(volume.size, planned.size), ...fixedFieldIssues(volume, planned)];
}

function sizeIssues(installed: string | undefined, planned: string): ValidationIssue[] {
  const [from, to] = [parseQuantity(installed ?? ""), parseQuantity(planned)];
  if (installed === undefined || from === undefined || to === undefined || to >= from) return [];
  return [
    {
      path: [...PATH, "volume", "size"],
      reason: "must not be less than the size of the volume",
      got: `${planned}, while the volume has ${installed}`,
      because: "Kubernetes rejects a volume that shrinks, after Helm has changed other objects",
      fixes: [{ kind: "set", path: [...PATH, "volume", "size"], value: installed }],
    },
  ];
}

function fixedFieldIssues(
  volume: NonNullable<InstalledPrometheus["volume"]>,
  planned: VolumeOptions,
): ValidationIssue[] {
  const defaults = { storageClass: undefined, accessMode: DEFAULT_ACCESS_MODE };
  return (["storageClass", "accessMode"] as const).flatMap((field): ValidationIssue[] => {
    const [from, to] = [volume[field] ?? defaults[field], planned[field] ?? defaults[field]];
    if (from === to) return [];
    const path = [...PATH, "volume", field];
    return [
      {
        path,
        reason: "must be that of the volume",
        got: `${formatValue(to)}, while the volume has ${formatValue(from)}`,
        because: "Kubernetes rejects the change, after Helm has changed other objects",
        fixes: [
          from === undefined ? { kind: "remove" } : { kind: "set", path, value: from },
          {
            kind: "instruction",
            text: "delete the volume with its samples: remove monitoring.prometheus.volume, run pulumi up, and set it again",
          },
        ],
      },
    ];
  });
}

/** Issues with a retention that is shorter than the installed one. Prometheus would delete samples. */
export function retentionChangeIssues(
  installed: InstalledPrometheus | undefined,
  planned: string = DEFAULT_RETENTION,
): ValidationIssue[] {
  const from = parseDuration(installed?.retention ?? "");
  const to = parseDuration(planned);
  if (installed === undefined || from === undefined || to === undefined || to >= from) return [];
  const path = [...PATH, "retention"];
  return [
    {
      path,
      reason: "must not be shorter than that of the running Prometheus",
      got: `${formatValue(planned)}, while it has ${formatValue(installed.retention)}`,
      because: "Prometheus would delete older samples",
      fixes: [{ kind: "set", path, value: installed.retention }],
    },
  ];
}
