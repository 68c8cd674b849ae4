/** The setting `certificates`: its shape. What it means is said in `components/certificates/modes.ts`. */
import { z } from "zod";
import { MAX_VALIDITY_YEARS } from "../../components/certificates/certificate-rules.ts";
import { WEBHOOK_SERVICES } from "../../components/certificates/webhook-servers.ts";
import { dnsLabel, flag, object } from "./common-schemas.ts";
import { schemaAt } from "./messages/schema-at.ts";

const years = z
  .number("expected a whole number of years")
  .int("expected a whole number of years")
  .min(1, `expected 1 to ${MAX_VALIDITY_YEARS} years`)
  .max(
    MAX_VALIDITY_YEARS,
    `expected 1 to ${MAX_VALIDITY_YEARS} years: more overflow the TLS provider's clock`,
  )
  .optional();
const generation = z
  .number("expected the number of a generation, e.g. 1")
  .int("expected a whole number")
  .min(1, "expected a number from 1");
const pem = z.string("expected PEM text");

const pair = object({ certificate: pem, key: pem });
const servers = Object.keys(WEBHOOK_SERVICES) as (keyof typeof WEBHOOK_SERVICES)[];

const anyMode = {
  warnWithinDays: z
    .number("expected a number of days")
    .int("expected a whole number of days")
    .min(0, "expected 0 days or more")
    .optional(),
  acceptTrustAnchorOutage: flag.optional(),
};

const numberOf = (anchor: number | { generation: number }) =>
  typeof anchor === "number" ? anchor : anchor.generation;

const generated = object({
  mode: z.literal("generated"),
  validityYears: object({ trustAnchor: years, issuer: years, webhooks: years }).optional(),
  trustAnchors: z
    .array(
      z.union(
        [
          generation,
          object({
            generation,
            validityYears: years,
            algorithm: z.enum(["ECDSA-P256", "RSA-4096"], 'expected "ECDSA-P256" or "RSA-4096"').optional(),
          }),
        ],
        "expected the number of a generation, e.g. 1, or an object with one",
      ),
      'expected a list of generations, e.g. [1, 2], or PEM with mode "provided"',
    )
    .min(1, "expected at least one generation, e.g. [1]")
    .refine((list) => new Set(list.map(numberOf)).size === list.length, "expected each generation once")
    .optional(),
  issuingAnchor: generation.optional(),
  protect: flag.optional(),
  ...anyMode,
});

const provided = object({
  mode: z.literal("provided"),
  trustAnchors: pem,
  issuer: pair,
  webhooks: object({
    ca: pem,
    ...(Object.fromEntries(servers.map((server) => [server, pair.optional()])) as Record<
      (typeof servers)[number],
      z.ZodOptional<typeof pair>
    >),
  }).optional(),
  validityYears: object({ webhooks: years }).optional(),
  ...anyMode,
});

const certManager = object({
  mode: z.literal("certManager"),
  create: flag.optional(),
  namespace: dnsLabel.optional(),
  validityYears: object({ trustAnchor: years, issuer: years, webhooks: years }).optional(),
  ...anyMode,
});

const modes = [generated, provided, certManager] as const;

/** The modes that have a setting, by its path below `certificates`. */
export function modesWith(keys: readonly PropertyKey[]): string[] {
  return modes.filter((mode) => schemaAt(mode, keys) !== undefined).map(({ shape }) => shape.mode.value);
}

/** Where nothing is said about the mode, it is the default one. */
function withMode(value: unknown): unknown {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && !("mode" in value) ? { ...value, mode: "generated" } : value;
}

export const certificatesSetting = z.preprocess(
  withMode,
  z.discriminatedUnion("mode", modes, {
    error: (issue) =>
      issue.code === "invalid_union"
        ? 'expected "generated", "provided" or "certManager"'
        : 'expected an object, e.g. {"mode": "generated"}',
  }),
);
