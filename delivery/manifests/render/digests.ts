/**
 * Digests of a recorded stack. The recording has `[digest]` in their place, because certificates differ between recordings.
 * Here they are digests of recorded values, so that they change exactly if those change.
 */
import { createHash } from "node:crypto";
import { RULES_NAME } from "../../../components/linkerd/prometheus-rules.ts";
import { TRUST_BUNDLE } from "../../../components/linkerd/restart-annotations.ts";
import type { Json } from "../../objects/kubernetes-object.ts";
import { isFields } from "../../objects/list-keys.ts";
import { RELEASE } from "../../objects/program-resource.ts";
import type { RecordedStack } from "../../program/recorded-stack.ts";

const DIGEST = "[digest]";

type Values = { readonly [key: string]: Json | undefined };

/**
 * Returns the values of a release with digests. The annotation of the trust bundle is one of the trust anchors; any other
 * one is a digest of the values beside it and of the rules, such as that of Prometheus' configuration.
 */
export function fillDigests(values: Values, stack: RecordedStack): Values {
  const sources = { bundle: findBundle(stack), rules: findRules(stack) };
  return fillTable(values, sources, []) as Values;
}

interface Sources {
  readonly bundle: Json;
  readonly rules: Json;
}

/** @param around the tables that contain the value, the nearest first */
function fillTable(table: Values, sources: Sources, around: readonly Values[]): Json {
  const outer = [table, ...around];
  return Object.fromEntries(
    Object.entries(table).map(([key, value = null]) => {
      if (value === DIGEST) {
        const source = key === TRUST_BUNDLE ? sources.bundle : [around[0] ?? null, sources.rules];
        return [key, toDigest(source as Json)];
      }
      return [key, isFields(value) ? fillTable(value, sources, outer) : value];
    }),
  );
}

function toDigest(source: Json): string {
  return createHash("sha256").update(JSON.stringify(source)).digest("hex");
}

/** The trust anchors. `null` if trust-manager manages them. */
function findBundle({ resources }: RecordedStack): Json {
  const values = resources
    .filter(({ type }) => type === RELEASE)
    .map(({ inputs }) => (isFields(inputs.values) ? inputs.values.identityTrustAnchorsPEM : undefined));
  return values.find((value) => value !== undefined) ?? null;
}

/** The content of the ConfigMap with the rules of viz's Prometheus. `null` if there is none. */
function findRules({ resources }: RecordedStack): Json {
  const found = resources.find(
    ({ type, inputs }) =>
      type === "kubernetes:core/v1:ConfigMap" &&
      isFields(inputs.metadata) &&
      inputs.metadata.name === RULES_NAME,
  );
  return found?.inputs.data ?? null;
}
