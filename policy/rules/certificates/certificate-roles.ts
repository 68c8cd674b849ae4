/** A certificate signs or serves, and never both. */
import { WEBHOOK_SERVICES } from "../../../components/certificates/webhook-servers.ts";
import { formatName } from "../../../components/certificates/x509/chain.ts";
import { type CheckedResource, isOfMesh } from "../checked-resource.ts";
import { formatAll } from "../format-list.ts";
import { SECRET } from "../resource-types.ts";
import type { Report, Rule } from "../rule.ts";
import { itemsAt, UNKNOWN } from "../values.ts";
import { findEntry, isCertificate, objectName } from "./certificate-inputs.ts";

/** Mandatory: whoever reads the key of a server that is a CA can issue a certificate for any identity of the mesh. */
export const certificateRoles: Rule = {
  name: "certificate-roles",
  description: "A certificate of a server is not a CA, and a CA is only used to sign.",
  enforcement: "mandatory",
  scope: "resource",
  check(resources, report) {
    for (const resource of resources) {
      if (isCertificate(resource)) checkUses(resource, report);
      if (resource.type === SECRET) checkSecret(resource, report);
    }
  },
};

/** Uses as the TLS provider names them: `allowed_uses` of tls_self_signed_cert. */
const SIGNING = "cert_signing";
const SERVING = ["server_auth", "client_auth"];

function checkUses(resource: CheckedResource, report: Report): void {
  const { isCaCertificate: isCa = false, allowedUses } = resource.inputs;
  if (typeof isCa !== "boolean" || !Array.isArray(allowedUses) || allowedUses.includes(UNKNOWN)) return;
  const path = ["allowedUses"];
  const serving = SERVING.filter((use) => allowedUses.includes(use));
  if (isCa && serving.length > 0 && (isOfMesh(resource) || hasServerName(resource))) {
    report(resource, {
      path,
      reason: "must not contain server_auth or client_auth for a CA with the name of a server",
      got: formatAll(serving),
      because: "Whoever reads the key of the server can issue certificates for any name",
      fixes: [{ kind: "instruction", text: `set isCaCertificate to false, or remove ${formatAll(serving)}` }],
    });
  }
  if (isCa && !allowedUses.includes(SIGNING)) {
    report(resource, {
      path,
      reason: `must contain ${SIGNING} for a CA`,
      got: allowedUses.length === 0 ? "an empty list" : formatAll(allowedUses),
      because: "No verifier accepts what the CA signs otherwise (RFC 5280, 4.2.1.3)",
      fixes: [{ kind: "instruction", text: `add ${SIGNING}, or set isCaCertificate to false` }],
    });
  }
  if (!isCa && allowedUses.includes(SIGNING)) {
    report(resource, {
      path,
      reason: `must not contain ${SIGNING} unless isCaCertificate is true`,
      got: SIGNING,
      because: "A leaf must not sign certificates (RFC 5280, 4.2.1.9)",
      fixes: [{ kind: "instruction", text: `remove ${SIGNING}, or set isCaCertificate to true` }],
    });
  }
}

/**
 * Whether the certificate is the one of a server. A CA without a name of its own may have these uses: they limit what it
 * signs, as in CAs of public PKIs (CA/Browser Forum, Baseline Requirements, 7.1.2.10.6).
 */
function hasServerName({ inputs }: CheckedResource): boolean {
  return ["dnsNames", "ipAddresses"].some((names) => itemsAt(inputs, names).length > 0);
}

/** The Secrets of the servers that the API server calls: linkerd-control-plane and linkerd-viz, templates. */
const SERVER_SECRETS = Object.values(WEBHOOK_SERVICES).map(({ service }) => `${service}-k8s-tls`);

const ISSUER_SECRET = "linkerd-identity-issuer";

function checkSecret(resource: CheckedResource, report: Report): void {
  const name = objectName(resource) ?? "";
  const [first] = [...findEntry(resource, "tls.crt"), ...findEntry(resource, "crt.pem")];
  if (first === undefined) return;
  const { path, certificate } = first;
  const subject = formatName(certificate);
  if (SERVER_SECRETS.includes(name) && certificate.ca) {
    report(resource, {
      path,
      reason: "must be the certificate of a server",
      got: `the CA certificate ${subject}`,
      because: "Whoever reads the Secret of the server can issue certificates for any name",
      fixes: [
        {
          kind: "instruction",
          text: "issue a certificate for the server, without CA in its basic constraints",
        },
      ],
    });
  }
  if (name === ISSUER_SECRET && !certificate.ca) {
    report(resource, {
      path,
      reason: "must be a CA certificate",
      got: subject,
      because: "Linkerd signs the certificates of proxies with it",
      fixes: [
        {
          kind: "instruction",
          text: "issue it with CA in its basic constraints and certificate signing in its key usage",
        },
      ],
    });
  }
}
