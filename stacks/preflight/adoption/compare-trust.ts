/** Compares trust anchors and issuer of a running mesh with those that the settings would install. */
import type { X509Certificate } from "node:crypto";
import { readCertificates } from "../../../components/certificates/x509/certificate-text.ts";
import {
  formatDistinguishedName,
  formatName,
  isSignedBy,
} from "../../../components/certificates/x509/chain.ts";
import { fingerprintCertificate } from "../../../components/certificates/x509/pem.ts";
import { formatValue, type ValidationIssue } from "../../../components/inputs/validation.ts";
import type { Settings } from "../../settings/settings-schema.ts";
import {
  commandFix,
  isOfHelm,
  keepIssuer,
  removeCertificates,
  setCertificates,
  storeBundle,
  storeIssuer,
} from "./commands.ts";
import type { RunningIssuer, RunningMesh } from "./running-mesh.ts";

type Certificates = Settings["certificates"];
type Provided = Extract<Certificates, { mode: "provided" }>;

/** Finds trust anchors and issuers that running proxies do not trust, and objects that adoption would take from others. */
export function compareTrust(
  running: RunningMesh,
  { certificates, namespace }: Pick<Settings, "certificates" | "namespace">,
): ValidationIssue[] {
  switch (certificates.mode) {
    case "generated":
      return [generatedIssue(running, namespace)];
    case "certManager":
      return compareCertManager(running, certificates, namespace);
    case "provided":
      return running.bundle === undefined || isOfHelm(running.bundle)
        ? [
            ...compareAnchors(running, certificates, namespace),
            ...compareIssuer(running, certificates, namespace),
          ]
        : [foreignBundleIssue(running)];
  }
}

/** All certificates of a text that are readable. The component reports those that are not. */
export function readAll(text: unknown): X509Certificate[] {
  return readCertificates(text, "certificates", () => undefined);
}

function generatedIssue(running: RunningMesh, namespace: string): ValidationIssue {
  return {
    path: ["certificates", "mode"],
    reason: "must keep the trust anchors of the running mesh",
    got: formatValue("generated"),
    because: "Running proxies do not trust a new anchor",
    fixes: [keepRunningFix(running, namespace)],
  };
}

/** The settings that keep bundle and issuer, whatever the settings are now. */
function keepRunningFix(running: RunningMesh, namespace: string) {
  const { bundle } = running;
  const keep =
    bundle !== undefined && !isOfHelm(bundle)
      ? [setCertificates("mode", "certManager"), setCertificates("create", false)]
      : [
          setCertificates("mode", "provided"),
          storeBundle(namespace),
          ...keepIssuer(running, namespace),
          ...(Object.values(running.webhooks).some((each) => each?.secret?.manager?.kind === "other")
            ? [setCertificates("webhooks.external", true)]
            : []),
        ];
  return commandFix("pulumi config rm certificates", ...keep);
}

function compareCertManager(
  running: RunningMesh,
  { create }: Extract<Certificates, { mode: "certManager" }>,
  namespace: string,
): ValidationIssue[] {
  const { bundle, issuer } = running;
  if (bundle !== undefined && isOfHelm(bundle)) {
    return [
      {
        path: ["certificates", "mode"],
        reason: 'must be "provided" to keep the ConfigMap linkerd-identity-trust-roots',
        got: formatValue("certManager"),
        because: `${bundle.manager?.name} owns the ConfigMap and would delete it, and then no pod of the mesh starts`,
        fixes: [keepRunningFix(running, namespace)],
      },
    ];
  }
  const issues: ValidationIssue[] = [];
  if (create !== false) {
    issues.push({
      path: ["certificates", "create"],
      reason: "must be false to keep the trust anchors of the running mesh",
      got: formatValue(create ?? true),
      because: "cert-manager would issue a new anchor, which running proxies do not trust",
      fixes: [{ kind: "set", path: ["certificates", "create"], value: false }],
    });
  }
  if (issuer !== undefined && isOfHelm(issuer)) {
    issues.push({
      path: ["certificates", "mode"],
      reason: "must not be certManager while the Secret linkerd-identity-issuer belongs to a Helm release",
      got: formatValue("certManager"),
      because: `${issuer.manager?.name} would delete the Secret`,
      fixes: [
        {
          kind: "instruction",
          text: 'follow docs/adoption.md, "An issuer in Helm values without its anchor"',
        },
      ],
    });
  }
  return issues;
}

function foreignBundleIssue({ bundle, webhooks }: RunningMesh): ValidationIssue {
  const isAnyOfHelm = Object.values(webhooks).some((each) => each?.secret && isOfHelm(each.secret));
  return {
    path: ["certificates", "mode"],
    reason: 'must be "certManager" with create: false to keep the ConfigMap linkerd-identity-trust-roots',
    got: formatValue("provided"),
    because: `${bundle?.manager?.name ?? "Someone else"} manages the ConfigMap, and Helm changes no object that it did not install`,
    fixes: [
      commandFix(
        "pulumi config rm certificates",
        setCertificates("mode", "certManager"),
        setCertificates("create", false),
        ...(isAnyOfHelm ? [setCertificates("webhooks.external", false)] : []),
      ),
    ],
  };
}

/** Every anchor has to stay: proxies may hold certificates of an earlier issuer. Expired ones certify nobody. */
function compareAnchors(
  { bundle, issuer }: RunningMesh,
  { trustAnchors }: Provided,
  namespace: string,
): ValidationIssue[] {
  const planned = readAll(trustAnchors);
  if (planned.length === 0 || bundle === undefined) return [];
  const kept = new Set(planned.map(fingerprintCertificate));
  const lost = readAll(bundle.pem).filter(
    (anchor) => anchor.validToDate > new Date() && !kept.has(fingerprintCertificate(anchor)),
  );
  const [running] = readAll(issuer?.certPem);
  const isIssuerTrusted =
    running === undefined || planned.some((anchor) => isSignedBy(running, anchor)) || lost.length > 0;
  if (lost.length === 0 && isIssuerTrusted) return [];
  return [
    {
      path: ["certificates", "trustAnchors"],
      reason: "must contain every trust anchor of the running mesh",
      got:
        lost.length > 0
          ? `a bundle without ${describeCertificates(lost)}`
          : `a bundle without the anchor ${formatDistinguishedName(running?.issuer)} of the running issuer`,
      because: "Proxies reject the certificates of an issuer whose anchor they do not hold",
      fixes: [commandFix(storeBundle(namespace))],
    },
  ];
}

function compareIssuer(running: RunningMesh, { issuer }: Provided, namespace: string): ValidationIssue[] {
  return issuer.external
    ? compareExternalIssuer(running.issuer, namespace)
    : compareProvidedIssuer(running, issuer.certificate, namespace);
}

function compareExternalIssuer(issuer: RunningIssuer | undefined, namespace: string): ValidationIssue[] {
  const path = ["certificates", "issuer", "external"];
  if (issuer !== undefined && isOfHelm(issuer)) {
    return [
      {
        path,
        reason: "must not be true while the Secret linkerd-identity-issuer belongs to a Helm release",
        got: "true",
        because: `${issuer.manager?.name} would delete the Secret, and the identity controller could not start`,
        fixes: [commandFix(removeCertificates("issuer"), ...storeIssuer(issuer.entries, namespace))],
      },
    ];
  }
  const missing = ["tls.crt", "tls.key"].filter((entry) => !issuer?.entries.includes(entry));
  if (missing.length === 0) return [];
  return [
    {
      path,
      reason: "must be used with a Secret linkerd-identity-issuer that has tls.crt and tls.key",
      got: issuer === undefined ? "no Secret" : `a Secret without ${missing.join(" and ")}`,
      because: "The identity controller reads these entries",
      fixes: [
        {
          kind: "instruction",
          text: 'create the Secret as in docs/certificates.md, "An issuer that someone else manages"',
        },
      ],
    },
  ];
}

function compareProvidedIssuer(
  { bundle, issuer }: RunningMesh,
  certificate: unknown,
  namespace: string,
): ValidationIssue[] {
  if (issuer?.manager?.kind === "other") {
    return [
      {
        path: ["certificates", "issuer"],
        reason: "must be external to keep the Secret linkerd-identity-issuer",
        got: "a certificate and a key",
        because: `${issuer.manager.name} manages the Secret and would replace them`,
        fixes: [commandFix(removeCertificates("issuer"), setCertificates("issuer.external", true))],
      },
    ];
  }
  const [planned] = readAll(certificate);
  const held = readAll(bundle?.pem);
  if (planned === undefined || held.length === 0 || held.some((anchor) => isSignedBy(planned, anchor)))
    return [];
  return [
    {
      path: ["certificates", "issuer"],
      reason: "must be signed by a trust anchor of the running mesh",
      got: `an issuer that is signed by ${formatDistinguishedName(planned.issuer)}, while proxies hold ${describeCertificates(held)}`,
      because: "Running proxies reject the certificates of any other issuer",
      fixes: [commandFix(...storeIssuer(issuer?.entries ?? [], namespace))],
    },
  ];
}

/** Most anchors of Linkerd have the same name, so the beginning of the SHA-256 distinguishes them. */
function describeCertificates(certificates: readonly X509Certificate[]): string {
  return certificates
    .map((each) => `${formatName(each)} (SHA-256 ${fingerprintCertificate(each).slice(0, 8)}…)`)
    .join(", ");
}
