/** Private keys: only in Secrets and in resources of the TLS provider. */
import { SECRET } from "./resource-types.ts";
import type { Rule } from "./rule.ts";
import { textsOf } from "./values.ts";

/** Mandatory: a key that was in plain text once must be replaced, and a trust anchor's key takes a rotation of all stacks. */
export const keysInSecrets: Rule = {
  name: "keys-in-secrets",
  description:
    "Private keys are in Secrets, and not in ConfigMaps, environment variables, annotations or Helm values.",
  enforcement: "mandatory",
  scope: "resource",
  check(resources, report) {
    for (const resource of resources) {
      const { type, inputs } = resource;
      // Resources of other providers have inputs for keys, such as certificates of cloud providers.
      if (!/^(kubernetes|linkerd-mesh):/.test(type) || SECRETS.includes(type) || GROUP.test(type)) continue;
      for (const { text, path } of textsOf(inputs)) {
        if (!containsPrivateKey(text)) continue;
        report(resource, {
          path,
          reason: "must not contain a private key",
          got: "a private key",
          because: `Everyone who reads the ${type.split(":").at(-1)} reads the key`,
          fixes: [
            {
              kind: "instruction",
              text: "replace the key, put the new one into a Secret, and refer to the Secret",
            },
          ],
        });
      }
    }
  },
};

const SECRETS = [SECRET, `${SECRET}Patch`, `${SECRET}List`];

/** Components of the Kubernetes SDK whose inputs are manifests. Each object of them is a resource of its own. */
const GROUP = /^kubernetes:(yaml(\/v2)?:|kustomize(\/v2)?:|helm\.sh\/v\d+:Chart$)/;

/** The end of the first line of a key: PKCS#8, SEC1, PKCS#1, OpenSSH or encrypted. */
const LABEL = "PRIVATE KEY-----";

/** {@link LABEL} with the first line of its body or header. Scripts that look for keys have the label alone. */
const KEY = /PRIVATE KEY-----(?:[\s"',]|\\[nrt]?)*(?:Proc-Type:|[A-Za-z0-9+/]{40})/;

/** The characters that base64 of {@link LABEL} always has, by its offset in a group of three bytes. */
const ENCODED_LABELS = [0, 1, 2].map((offset) => {
  const encoded = Buffer.from("\0".repeat(offset) + LABEL).toString("base64");
  // The first and the last group may share bits with other bytes.
  return encoded.slice(offset === 0 ? 0 : 4, -4);
});

/** Whether a text contains a private key in PEM: plain, in JSON or YAML, or in base64. */
export function containsPrivateKey(text: string): boolean {
  if (KEY.test(text)) return true;
  const compact = text.replaceAll(/\s|\\n/g, "");
  return ENCODED_LABELS.some((encoded) => compact.includes(encoded));
}
