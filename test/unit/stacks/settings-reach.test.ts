import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { settingsSchema } from "../../../stacks/settings/settings.ts";
import { root } from "../../support/package.ts";

/**
 * Where each setting is seen to do what it says, in the cluster's objects and not in values alone: the file in
 * `test/engine`, the test's name there, and the settings that it looks for.
 */
const SEEN: readonly [file: string, test: string, ...settings: string[]][] = [
  ["mesh/every-setting", "installs each chart by its own version and source", "charts.*"],
  [
    "mesh/every-setting",
    "installs its charts by the version and the source of all, and viz no more",
    "chartVersion",
    "chartSource",
    "viz",
  ],
  ["mesh/every-setting", "stands in its namespaces, and knows itself by them", "namespace", "vizNamespace"],
  [
    "mesh/every-setting",
    "answers by the cluster's domain, and certifies in the trust domain",
    "clusterDomain",
    "trustDomain",
  ],
  ["mesh/every-setting", "takes its networks for the cluster's", "clusterNetworks"],
  [
    "mesh/every-setting",
    "trusts both anchors for their own years, by their own algorithms",
    "generated.mode",
    "generated.validityYears.trustAnchor",
    "generated.trustAnchors",
    "generated.trustAnchors.generation",
    "generated.trustAnchors.validityYears",
    "generated.trustAnchors.algorithm",
  ],
  [
    "mesh/every-setting",
    "has an issuer of the second anchor, and certificates of webhooks, for the years asked for",
    "generated.issuingAnchor",
    "generated.validityYears.issuer",
    "generated.validityYears.webhooks",
  ],
  ["lifecycle/rotation", "the anchor that signs is protected, the other is not", "generated.protect"],
  [
    "lifecycle/rotation",
    "is warned of at preview, and changes nothing in the report",
    "generated.warnWithinDays",
  ],
  [
    "lifecycle/rotation",
    "the override replaces an anchor, and says so nowhere but in the setting",
    "generated.acceptTrustAnchorOutage",
  ],
  [
    "mesh/certificates",
    "reach the cluster as they are: bundle, issuer and key",
    "provided.mode",
    "provided.trustAnchors",
    "provided.issuer.certificate",
    "provided.issuer.key",
  ],
  [
    "mesh/certificates",
    "every webhook is checked against the authority that was brought",
    "provided.webhooks.ca",
  ],
  [
    "mesh/certificates",
    "%s serves the pair that was brought for it, good for 99 years",
    ...["proxyInjector", "profileValidator", "policyValidator", "tap", "tapInjector"].map(
      (server) => `provided.webhooks.${server}.*`,
    ),
  ],
  [
    "mesh/every-setting",
    "trusts the identity that was brought, and makes the webhooks' certificates for the years asked for",
    "provided.validityYears.webhooks",
    "provided.acceptTrustAnchorOutage",
  ],
  [
    "mesh/every-setting",
    "warns of what ends within the days asked for, and of nothing else",
    "provided.warnWithinDays",
  ],
  [
    "lifecycle/rotation",
    "cert-manager takes over only where the override says so",
    "certManager.acceptTrustAnchorOutage",
  ],
  ["mesh/certificates", "bundle, issuer and webhook Secrets are left to it", "certManager.mode"],
  ["mesh/certificates", "it is asked for eight certificates of 100 years", "certManager.create"],
  [
    "mesh/certificates",
    "asked elsewhere and for fewer years, it is asked for just that",
    "certManager.namespace",
    "certManager.validityYears.*",
  ],
  [
    "mesh/every-setting",
    "leaves the Gateway API alone, but for what an extra value asks for",
    "installGatewayApi",
    "extraValues.crds",
  ],
  [
    "lifecycle/removal",
    "leaves the definitions and what is written in them, and nothing else of its own",
    "keepCrds",
  ],
  [
    "lifecycle/removal",
    "refuses to be destroyed at once, with nothing deleted, and says how it could be",
    "preventDestroyInUse",
  ],
  [
    "lifecycle/adoption",
    "comes under Pulumi by the documented commands, with nothing replaced or deleted",
    "adopt",
  ],
  [
    "mesh/every-setting",
    "hands its extra values to viz and to the CNI plugin",
    "extraValues.viz",
    "extraValues.cni",
  ],
  [
    "mesh/every-setting",
    "sizes its proxies on both sides, and starts them before their pods",
    "proxy.cpuRequest",
    "proxy.cpuLimit",
    "proxy.memoryRequest",
    "proxy.memoryLimit",
    "proxy.nativeSidecar",
  ],
  ["mesh/every-setting", "skips no mail where it is not to", "ports.skipSmtp"],
  ["mesh/production", "runs three replicas of each workload, apart from one another", "highAvailability"],
  ["mesh/production", "runs as many replicas as asked for", "replicas"],
  [
    "mesh/production",
    "takes every image from the registry, with its password",
    "imageRegistry",
    "imagePullSecrets",
  ],
  ["mesh/production", "logs as asked, beside its containers and not before them", "proxy.logLevel"],
  ["mesh/production", "denies by default what no policy allows", "defaultInboundPolicy"],
  [
    "mesh/production",
    "leaves ports alone beside Linkerd's own, in the injector's configuration and on the nodes",
    "ports.skipOutbound",
    "ports.skipInbound",
    "ports.opaque",
  ],
  [
    "mesh/production",
    "has the CNI plugin on every node, and pods of the mesh without privileges",
    "cni",
    "networkValidatorAddress",
  ],
  ["mesh/production", "calls the injector for labelled pods only", "injection"],
  [
    "mesh/production",
    "has no heartbeat, no admission policy, and the extra values",
    "heartbeat",
    "extraValues.controlPlane",
  ],
];

/** Certificates that cert-manager keeps are not at hand, so there is nothing to warn of. */
const NOWHERE = ["certManager.warnWithinDays"];

interface Shape {
  properties?: Record<string, Shape & { const?: string }>;
  items?: Shape;
  anyOf?: Shape[];
  oneOf?: Shape[];
}

/** Every setting that has a value of its own; those of `certificates` begin with their mode, in its place. */
function settingsIn(shape: Shape, path: string[] = []): string[] {
  const alternatives = shape.anyOf ?? shape.oneOf;
  if (alternatives) return alternatives.flatMap((each) => settingsIn(each, path));
  if (shape.properties) {
    const mode = shape.properties.mode?.const;
    const at = mode === undefined ? path : [mode];
    return Object.entries(shape.properties).flatMap(([key, below]) => settingsIn(below, [...at, key]));
  }
  const own = path.join(".");
  return shape.items ? [own, ...settingsIn(shape.items, path)] : [own];
}

const settings = [
  ...new Set(settingsIn(z.toJSONSchema(settingsSchema, { io: "input", unrepresentable: "any" }) as Shape)),
];

test("every setting is looked for on the engine, and nothing that is none", () => {
  const told = SEEN.flatMap(([, , ...paths]) => paths);
  const covered = (setting: string) =>
    told.some((path) => path === setting || (path.endsWith(".*") && setting.startsWith(path.slice(0, -1))));
  expect(settings.filter((setting) => !covered(setting))).toEqual(NOWHERE);
  const known = (path: string) => settings.some((setting) => setting.startsWith(path.replace(/\*$/, "")));
  expect(told.filter((path) => !known(path))).toEqual([]);
  expect(settings.length).toBeGreaterThan(60);
});

test.each(SEEN)("engine/%s.test.ts has the test: %s", (file, name) => {
  const text = readFileSync(join(root, "test", "engine", `${file}.test.ts`), "utf8");
  expect(text).toContain(`"${name}"`);
});
