/** Keys of certificates: algorithm, curve and size. */
import { ANCHOR_KEYS } from "../../../components/certificates/provided/identity-checks.ts";
import { formatName } from "../../../components/certificates/x509/chain.ts";
import { readSignatureAlgorithm } from "../../../components/certificates/x509/pem.ts";
import { describeKeyType } from "../../../components/certificates/x509/private-key.ts";
import { formatValue } from "../../../components/inputs/validation.ts";
import { type CheckedResource, isOfMesh } from "../checked-resource.ts";
import { formatChoice } from "../format-list.ts";
import { CONFIG_MAP, RELEASE, SECRET } from "../resource-types.ts";
import type { Report, Rule } from "../rule.ts";
import { textAt, UNKNOWN } from "../values.ts";
import {
  type FoundCertificate,
  findEntry,
  objectName,
  PRIVATE_KEY,
  readCertificatesOf,
} from "./certificate-inputs.ts";

/** Mandatory: Linkerd's identity controller does not start with another key, and a weak key lasts as long as its certificate. */
export const certificateKeys: Rule = {
  name: "certificate-keys",
  description: "Keys of certificates have a type and a size that Linkerd and TLS libraries accept.",
  enforcement: "mandatory",
  scope: "resource",
  check(resources, report) {
    for (const resource of resources) {
      if (resource.type === PRIVATE_KEY) checkPrivateKey(resource, report);
      else checkIdentity(resource, report);
    }
  },
};

/** Keys that Linkerd accepts, of issuers or of trust anchors (linkerd2, pkg/issuercerts). */
const MESH_CURVES = ["P256"];
const MESH_BITS = [2048, 4096];

/** Curves that TLS 1.3 defines (RFC 8446, section 4.2.3). P-224, the default of the TLS provider, is not one of them. */
const TLS_CURVES = ["P256", "P384", "P521"];
/** The least size that certificates may have (CA/Browser Forum, Baseline Requirements, 6.1.5). */
const LEAST_BITS = 2048;

function checkPrivateKey(resource: CheckedResource, report: Report): void {
  const ofMesh = isOfMesh(resource);
  const { inputs } = resource;
  switch (inputs.algorithm) {
    case "ECDSA": {
      const curves = ofMesh ? MESH_CURVES : TLS_CURVES;
      const curve = inputs.ecdsaCurve ?? "P224";
      if (curve === UNKNOWN || curves.includes(String(curve))) return;
      report(resource, {
        path: ["ecdsaCurve"],
        reason: `must be ${formatChoice(curves)}`,
        got:
          inputs.ecdsaCurve === undefined ? "nothing, for which the provider uses P224" : formatValue(curve),
        because: ofMesh ? "Linkerd accepts no other curve" : "TLS 1.3 has no other ECDSA curves",
        fixes: [{ kind: "set", path: ["ecdsaCurve"], value: "P256" }],
      });
      return;
    }
    case "RSA": {
      const bits = inputs.rsaBits ?? 2048;
      if (typeof bits !== "number" || (ofMesh ? MESH_BITS.includes(bits) : bits >= LEAST_BITS)) return;
      report(resource, {
        path: ["rsaBits"],
        reason: ofMesh ? `must be ${formatChoice(MESH_BITS)}` : `must be at least ${LEAST_BITS}`,
        got: String(bits),
        because: ofMesh ? "Linkerd accepts no other size" : "TLS libraries reject shorter keys",
        fixes: [{ kind: "set", path: ["rsaBits"], value: 4096 }],
      });
      return;
    }
    case "ED25519":
      if (!ofMesh) return;
      report(resource, {
        path: ["algorithm"],
        reason: "must be ECDSA or RSA",
        got: "ED25519",
        because: "Linkerd accepts no other key",
        fixes: [{ kind: "instruction", text: 'set algorithm to "ECDSA" and ecdsaCurve to "P256"' }],
      });
  }
}

/** Types of keys that the issuer may have: linkerd2, pkg/issuercerts, CheckCertAlgoRequirements. */
const ISSUER_KEYS = ["ECDSA P-256"];

/** Checks the certificates that Linkerd's identity controller reads, whoever creates them. */
function checkIdentity(resource: CheckedResource, report: Report): void {
  for (const { found, keys } of findIdentity(resource)) {
    const type = describeKeyType(found.certificate.publicKey);
    const which = ` (${formatName(found.certificate)})`;
    if (!keys.includes(type)) {
      report(resource, {
        path: found.path,
        reason: `must have a key of type ${formatChoice(keys)}`,
        got: `${type}${which}`,
        because: "Linkerd accepts no other key",
        fixes: [{ kind: "instruction", text: "issue the certificate for a key of type ECDSA P-256" }],
      });
    }
    if (readSignatureAlgorithm(found.certificate) === undefined) {
      report(resource, {
        path: found.path,
        reason: "must be signed with ECDSA or RSA, and SHA-256",
        got: `another signature algorithm${which}`,
        because: "Linkerd accepts no other",
        fixes: [{ kind: "instruction", text: "issue the certificate with SHA-256" }],
      });
    }
  }
}

/** Names of objects: linkerd-control-plane, templates/identity.yaml. */
function findIdentity(resource: CheckedResource): { found: FoundCertificate; keys: readonly string[] }[] {
  const found = (certificates: FoundCertificate[], keys: readonly string[]) =>
    certificates.map((each) => ({ found: each, keys }));
  const { type, inputs } = resource;
  if (type === SECRET && objectName(resource) === "linkerd-identity-issuer") {
    // The first certificate is the issuer. Those after it are the CAs up to the anchor, which may have other keys.
    return ["tls.crt", "crt.pem"].flatMap((key) => found(findEntry(resource, key).slice(0, 1), ISSUER_KEYS));
  }
  if (type === CONFIG_MAP && objectName(resource) === "linkerd-identity-trust-roots") {
    return found(findEntry(resource, "ca-bundle.crt"), ANCHOR_KEYS);
  }
  if (type === RELEASE) {
    const path = ["values", "identityTrustAnchorsPEM"];
    const anchors = readCertificatesOf(textAt(inputs, ...path));
    return found(
      anchors.map((certificate) => ({ certificate, path })),
      ANCHOR_KEYS,
    );
  }
  return [];
}
