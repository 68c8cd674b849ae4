/** A stack's configuration: what it may say, what it means when it says nothing, and what is wrong with it. */
import { z } from "zod";
import type { Mistake } from "../../components/certificates/x509/certificate-text.ts";
import { settingIssues } from "../../components/linkerd/mesh-validation.ts";
import { inCertificates, type SettingMistake } from "../../components/linkerd/mistakes.ts";
import { knownBad } from "../preflight/compatibility.ts";
import { shown, withoutQuotes } from "../secrets/redaction.ts";
import { certificatesSetting } from "./certificate-settings.ts";
import { chartShape, chartsOf } from "./chart-settings.ts";
import { dnsDomain, dnsLabel, flag } from "./common-schemas.ts";
import { meshShape } from "./mesh-settings.ts";
import { mend, remove, setMode } from "./messages/fix-command.ts";
import { schemaAt } from "./messages/schema-at.ts";
import { valueAt, written } from "./messages/setting-path.ts";
import { unknownSetting } from "./messages/unknown-setting.ts";

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

const shape = {
  ...chartShape,
  namespace: dnsLabel.default("linkerd"),
  vizNamespace: dnsLabel.default("linkerd-viz"),
  clusterDomain: dnsDomain.default("cluster.local"),
  trustDomain: dnsDomain.default("cluster.local"),
  clusterNetworks: z
    .array(
      z.union([z.cidrv4(), z.cidrv6()], 'expected a CIDR, e.g. "10.0.0.0/8"'),
      'expected a list of CIDRs, e.g. ["10.0.0.0/8"]',
    )
    .min(1, "expected at least one CIDR")
    .default(DEFAULT_CLUSTER_NETWORKS),
  certificates: certificatesSetting.default({ mode: "generated" }),
  installGatewayApi: flag.default(true),
  adopt: flag.default(false),
  keepCrds: flag.default(true),
  preventDestroyInUse: flag.default(false),
  viz: flag.default(true),
  ...meshShape,
};

/** Every setting of `Pulumi.<stack>.yaml`, without the `linkerd-mesh:` before it. */
export const settingsSchema = z
  .strictObject(shape)
  .refine((s) => s.vizNamespace !== s.namespace, {
    path: ["vizNamespace"],
    error: "expected another namespace than the control plane's, which is never injected",
  })
  .refine((s) => !s.adopt || s.certificates.mode !== "generated", {
    path: ["certificates", "mode"],
    error:
      'expected "provided" or "certManager" beside adopt: generated ones would take the place of those that proxies trust',
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

/** Settings as far as each is good by itself, and what is wrong with the others, and among them. */
export interface SettingsReading {
  readonly good: Partial<Settings>;
  readonly mistakes: readonly string[];
}

/**
 * Reads settings from a stack's configuration as the engine gives it: full keys, everything a string. What is given
 * by a secret one is told in no mistake.
 */
export function readSettings(
  config: Record<string, string>,
  secretKeys: ReadonlySet<string> = new Set(),
): SettingsReading {
  const values = Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(`${PROJECT}:`))
      .map(([key, value]) => {
        const setting = key.slice(PROJECT.length + 1);
        return [setting, decode(setting, value)];
      }),
  );
  const { error } = settingsSchema.safeParse(values);
  const good: Partial<Settings> = Object.fromEntries(
    Object.entries(shape).flatMap(([key, schema]) => {
      const { success, data } = schema.safeParse(values[key]);
      return success ? [[key, data]] : [];
    }),
  );
  const given: Given = { values, isSecret: (setting) => secretKeys.has(`${PROJECT}:${setting}`) };
  const mistakes = [
    ...(error?.issues ?? []).flatMap((issue) => describe(issue, given)),
    ...contradictions(good).map(({ path, problem, against }) => told(path, problem, given, against)),
  ];
  return { good, mistakes };
}

/** What does not go together among the settings that are good by themselves: the bad ones have been told of. */
function contradictions(good: Partial<Settings>): SettingMistake[] {
  const charts = chartsOf(good);
  return [...settingIssues({ ...good, charts }), ...knownBad(charts, good.installGatewayApi)].filter(
    ({ against }) => against === undefined || against in good,
  );
}

/** Settings in which nothing was found to be wrong, so that none is missing; else throws a {@link SettingsError}. */
export function whole(good: Partial<Settings>, mistakes: readonly string[]): Settings {
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return good as Settings;
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

/** What a stack's configuration gives, by setting, and what of it no message may tell. */
interface Given {
  readonly values: Record<string, unknown>;
  isSecret(setting: string): boolean;
}

function describe(issue: z.core.$ZodIssue, given: Given): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const keys = [...issue.path, key];
      return `${PROJECT}:${written(keys)}: ${unknownSetting(keys, settingsSchema, given.values)}`;
    });
  }
  if (issue.code === "invalid_union") {
    // An object that one of the alternatives took for its own is measured by that one.
    const inside = issue.errors.find((issues) => issues.every(isInside));
    if (inside)
      return inside.flatMap((inner) => describe({ ...inner, path: [...issue.path, ...inner.path] }, given));
  }
  return [told(issue.path, issue.message.charAt(0).toLowerCase() + issue.message.slice(1), given)];
}

function isInside({ path, code }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === "unrecognized_keys";
}

/** One sentence: which setting, what is expected, what was given, how to mend it. */
function told(
  keys: readonly PropertyKey[],
  problem: string,
  { values, isSecret }: Given,
  against?: string,
): string {
  const path = written(keys);
  const value = valueAt(values, keys);
  const setting = String(keys[0]);
  const secret = isSecret(setting);
  const said = secret ? withoutQuotes(problem, values[setting]) : problem;
  return `${PROJECT}:${path}: ${said}; given ${shown(path, value, secret)}. ${mending(keys, value, values, against)}`;
}

function mending(
  keys: readonly PropertyKey[],
  value: unknown,
  values: Record<string, unknown>,
  against: string | undefined,
): string {
  const path = written(keys);
  // An address that nobody dials is no better for being another.
  if (path === "networkValidatorAddress" && against === "cni") return remove(keys);
  const isBundle = path === "certificates.trustAnchors" && typeof value === "string";
  if (isBundle && !Object.hasOwn(values.certificates as object, "mode")) return setMode("provided");
  return mend(keys, schemaAt(settingsSchema, keys, values), value);
}

/** One sentence for a mistake in the certificates, as a setting. A list of generations was told of by its shape. */
export function certificateSettingMistake(mistake: Mistake): string {
  const { path: keys, problem } = inCertificates(mistake);
  const shape = schemaAt(settingsSchema, keys, { certificates: { mode: "provided" } });
  const how = problem.includes("docs/rotation.md") ? "" : mend(keys, shape, undefined);
  return `${PROJECT}:${written(keys)}: ${problem}. ${how}`.trim();
}
