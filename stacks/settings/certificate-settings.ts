/** The setting `certificates`. `components/certificates/certificate-options.ts` defines what it means. */
import { z } from "zod";
import { MAX_VALIDITY_YEARS } from "../../components/certificates/certificate-rules.ts";
import { WEBHOOK_SERVICES, type WebhookServer } from "../../components/certificates/webhook-servers.ts";
import type { Fix } from "../../components/inputs/validation.ts";
import { dnsLabel, flag, integer, object, setting } from "./common-schemas.ts";

const years = integer(
  1,
  MAX_VALIDITY_YEARS,
  `an integer from 1 to ${MAX_VALIDITY_YEARS}, in years`,
  `The clock of the TLS provider overflows after ${MAX_VALIDITY_YEARS} years`,
).optional();
const generation = integer(1, Number.MAX_SAFE_INTEGER, "the number of a generation, e.g. 1");
const certificatePem = setting(z.string("must be PEM text"), { file: "pem" });
const keyPem = setting(z.string("must be PEM text"), { file: "key" });

/** A CA that is required as long as the setting `webhooks` is there. */
const webhookCaPem = setting(
  z.string({
    error: ({ input }) =>
      input === undefined ? "must be PEM text as long as certificates.webhooks is set" : "must be PEM text",
  }),
  { file: "pem" },
);

const servers = Object.keys(WEBHOOK_SERVICES) as WebhookServer[];
const pairFields = { certificate: certificatePem, key: keyPem };
const pair = object(pairFields);

/** A field that contradicts `external`. `why` completes "With …,". */
function absent(external: boolean, why: string) {
  const fixes: Fix[] = [{ kind: "remove" }];
  return z
    .custom<undefined>((value) => value === undefined, {
      error: `must not be set with external: ${external}`,
      params: { because: `With external: ${external}, ${why}`, fixes },
    })
    .optional();
}

/** The fields of every server. */
function perServer<Schema extends z.ZodType>(schema: Schema): Record<WebhookServer, Schema> {
  return Object.fromEntries(servers.map((server) => [server, schema])) as Record<WebhookServer, Schema>;
}

/** Alternatives that the field `external` selects between. */
function byExternal<const Alternatives extends [z.core.$ZodTypeDiscriminable, z.core.$ZodTypeDiscriminable]>(
  alternatives: Alternatives,
) {
  return z.discriminatedUnion("external", alternatives, {
    error: (issue) => (issue.code === "invalid_union" ? "must be true or false" : "must be an object"),
  });
}

const notExternal = z.literal(false).optional();
const external = z.literal(true);
const unusedPair = absent(true, "someone else manages the Secret linkerd-identity-issuer");
const unusedServer = absent(true, "someone else manages the Secrets of the webhook servers");

const anyMode = {
  warnWithinDays: integer(0, Number.MAX_SAFE_INTEGER, "an integer of at least 0, in days").optional(),
  acceptTrustAnchorOutage: flag.optional(),
};

const generationNumber = (anchor: number | { generation: number }) =>
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
            algorithm: z.enum(["ECDSA-P256", "RSA-4096"], 'must be "ECDSA-P256" or "RSA-4096"').optional(),
          }),
        ],
        "must be the number of a generation, e.g. 1, or an object with one",
      ),
      'must be a list of generations, e.g. [1, 2], or PEM text in mode "provided"',
    )
    .min(1, "must be a list with at least one generation, e.g. [1]")
    .refine(
      (anchors) => new Set(anchors.map(generationNumber)).size === anchors.length,
      "must list each generation once",
    )
    .optional(),
  issuingAnchor: setting(generation.optional(), { renamedFrom: "signedBy" }),
  protect: flag.optional(),
  ...anyMode,
});

const provided = object({
  mode: z.literal("provided"),
  trustAnchors: certificatePem,
  issuer: byExternal([
    object({ ...pairFields, external: notExternal }),
    object({ external, certificate: unusedPair, key: unusedPair }),
  ]),
  webhooks: byExternal([
    object({ ca: webhookCaPem, ...perServer(pair.optional()), external: notExternal }),
    object({ external, ca: certificatePem.optional(), ...perServer(unusedServer) }),
  ]).optional(),
  validityYears: object({ webhooks: years }).optional(),
  ...anyMode,
});

const certManager = object({
  mode: z.literal("certManager"),
  create: flag.optional(),
  webhooks: byExternal([
    object({ external, ca: certificatePem.optional() }),
    object({ external: z.literal(false), ca: absent(false, "Pulumi creates the webhook certificates") }),
  ]).optional(),
  namespace: dnsLabel.optional(),
  validityYears: object({ trustAnchor: years, issuer: years, webhooks: years }).optional(),
  ...anyMode,
});

/** Adds the default mode to an object without one. */
function addMode(value: unknown): unknown {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && !("mode" in value) ? { ...value, mode: "generated" } : value;
}

/** The chart values of one webhook server. */
const webhookValues = (server: WebhookServer) =>
  ["externalSecret", "crtPEM", "keyPEM", "caBundle", "injectCaFrom", "injectCaFromSecret"].map(
    (value) => `${server}.${value}`,
  );
const isOfViz = (server: WebhookServer) => WEBHOOK_SERVICES[server].extension === "viz";

/** The setting with its default. */
export const certificateShape = {
  certificates: setting(
    z
      .preprocess(
        addMode,
        z.discriminatedUnion("mode", [generated, provided, certManager], {
          error: (issue) =>
            issue.code === "invalid_union"
              ? 'must be "generated", "provided" or "certManager"'
              : 'must be an object, e.g. {"mode": "generated"}',
        }),
      )
      .default({ mode: "generated" }),
    {
      description:
        "Source of the certificates: [generated for 100 years, provided by you, or managed by cert-manager](certificates.md).",
      table: "cluster",
      chartValues: {
        controlPlane: [
          "identityTrustAnchorsPEM",
          "identity.externalCA",
          "identity.issuer.scheme",
          "identity.issuer.tls",
          ...servers.filter((server) => !isOfViz(server)).flatMap(webhookValues),
        ],
        viz: servers.filter(isOfViz).flatMap(webhookValues),
      },
    },
  ),
};
