/** A stack's configuration: what it may say, what it means when it says nothing, and what is wrong with it. */
import { z } from "zod";
import { DEFAULT_VALIDITY_YEARS, MAX_VALIDITY_YEARS } from "../components/certificates/certificate.ts";
import { DEFAULT_CHART_SOURCE, DEFAULT_LINKERD_VERSION } from "../components/linkerd/charts.ts";

/** Namespace of the settings: the project's name in Pulumi.yaml. */
export const PROJECT = "linkerd-mesh";

// Linkerd's own default: the private ranges of RFC 1918, RFC 6598 and RFC 4193 (linkerd-control-plane, values.yaml).
const DEFAULT_CLUSTER_NETWORKS = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "fd00::/8",
];

// RFC 1123: what Kubernetes takes for a namespace, and each label of a domain.
const LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
const dnsLabel = z
  .string()
  .regex(new RegExp(`^${LABEL}$`), 'expected a DNS label: lower-case letters, digits and "-", at most 63');
const dnsDomain = z
  .string()
  .max(253, "expected a DNS domain, at most 253 characters")
  .regex(new RegExp(`^${LABEL}(\\.${LABEL})*$`), 'expected a DNS domain, e.g. "cluster.local"');

const flag = z.boolean("expected true or false");

const shape = {
  linkerdVersion: z
    .string()
    .regex(/^20\d\d\.([1-9]|1[0-2])\.[1-9]\d*$/, 'expected an exact chart version, YYYY.M.N, e.g. "2026.8.3"')
    .default(DEFAULT_LINKERD_VERSION),
  chartSource: z
    .string()
    .min(1, 'expected "https://…", "oci://…" or a directory')
    .regex(/^(https?:\/\/[^/]|oci:\/\/[^/]|(?!\w+:\/\/))/, 'expected "https://…", "oci://…" or a directory')
    .default(DEFAULT_CHART_SOURCE),
  namespace: dnsLabel.default("linkerd"),
  vizNamespace: dnsLabel.default("linkerd-viz"),
  clusterDomain: dnsDomain.default("cluster.local"),
  trustDomain: dnsDomain.default("cluster.local"),
  clusterNetworks: z
    .array(z.union([z.cidrv4(), z.cidrv6()], 'expected a CIDR, e.g. "10.0.0.0/8"'))
    .min(1, "expected at least one CIDR")
    .default(DEFAULT_CLUSTER_NETWORKS),
  validityYears: z
    .number("expected a whole number of years")
    .int("expected a whole number of years")
    .min(1, `expected 1 to ${MAX_VALIDITY_YEARS} years`)
    .max(
      MAX_VALIDITY_YEARS,
      `expected 1 to ${MAX_VALIDITY_YEARS} years: more overflow the TLS provider's clock`,
    )
    .default(DEFAULT_VALIDITY_YEARS),
  installGatewayApi: flag.default(true),
  highAvailability: flag.default(false),
  injectionByLabel: flag.default(true),
  viz: flag.default(true),
};

/** Every setting of `Pulumi.<stack>.yaml`, without the `linkerd-mesh:` before it. */
export const settingsSchema = z.strictObject(shape).refine((s) => s.vizNamespace !== s.namespace, {
  path: ["vizNamespace"],
  error: "expected another namespace than the control plane's, which is never injected",
});

/** Settings that have been checked, defaults filled in. */
export type Settings = z.output<typeof settingsSchema>;

/** Everything that is wrong with a stack's settings, in one message. */
export class SettingsError extends Error {
  /** One sentence each: the setting, what was given, what is expected, how to mend it. */
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(
      `The stack's settings have ${mistakes.length === 1 ? "a mistake" : `${mistakes.length} mistakes`}:\n- ${mistakes.join("\n- ")}`,
    );
    this.name = "SettingsError";
    this.mistakes = mistakes;
  }
}

/**
 * Reads settings from a stack's configuration as the engine gives it: full keys, everything a string.
 * Throws a {@link SettingsError} that lists every mistake.
 */
export function parseSettings(config: Record<string, string>): Settings {
  const given = Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(`${PROJECT}:`))
      .map(([key, value]) => {
        const setting = key.slice(PROJECT.length + 1);
        return [setting, decode(setting, value)];
      }),
  );
  const result = settingsSchema.safeParse(given);
  if (result.success) return result.data;
  throw new SettingsError(result.error.issues.flatMap((issue) => describe(issue, given)));
}

/** Pulumi hands every value over as text; only a setting that is no text by its schema is read as JSON. */
function decode(setting: string, value: string): unknown {
  if (!Object.hasOwn(shape, setting)) return value;
  const { error } = shape[setting as keyof typeof shape].safeParse(value);
  if (!error?.issues.some((issue) => issue.code === "invalid_type" && issue.path.length === 0)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function describe(issue: z.core.$ZodIssue, given: Record<string, unknown>): string[] {
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(shape).join(", ");
    return issue.keys.map(
      (key) =>
        `${PROJECT}:${key}: no such setting. Known are: ${known}. Remove it with: pulumi config rm ${key}`,
    );
  }
  const [setting] = issue.path;
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], given);
  const path = issue.path.map(String).join(".");
  const expected = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  return [
    `${PROJECT}:${path}: ${expected}; given ${JSON.stringify(value)}. Mend it with: pulumi config set ${String(setting)} <value>`,
  ];
}
