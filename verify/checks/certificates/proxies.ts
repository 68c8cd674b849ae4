/** The certificates of the proxies, and the trust anchors. */
import type { X509Certificate } from "node:crypto";
import { bundleSha256 } from "../../../components/certificates/modes/mesh-certificates.ts";
import { formatName } from "../../../components/certificates/x509/chain.ts";
import { fingerprintCertificate, parseCertificates } from "../../../components/certificates/x509/pem.ts";
import type { MeshFacts } from "../../cluster/mesh-facts.ts";
import type { Finding, Problem } from "../../report/finding.ts";
import { type ChainContext, isProblem, type ServedChain, verifyChain } from "./chain.ts";
import { type Comparison, compareExpiry } from "./expiry.ts";

type TrustFacts = Pick<MeshFacts, "trustRootsPem" | "stack">;

/** A proxy with the certificates that it sent. */
export interface ServedProxy extends ServedChain {
  /** Whether this run created its pod. Older proxies may have a certificate of the previous issuer for up to 24 hours. */
  readonly isNew: boolean;
}

/** Judges the chains that proxies send: a trusted anchor signed the issuer, which is the one of the stack. */
export function judgeProxies(served: readonly ServedProxy[], mesh: TrustFacts, now = new Date()): Finding {
  const context: ChainContext = {
    trustPem: mesh.trustRootsPem,
    trustName: "the trust anchors in the ConfigMap linkerd-identity-trust-roots",
    untrusted: {
      cause:
        "The pod started before the trust anchors changed, or another CA than the identity issuer of this mesh signed.",
      docs: "docs/rotation.md",
    },
    now,
  };
  const problems = new Map<string, { problem: Problem; count: number }>();
  const issuers = new Map<string, IssuerUse>();
  for (const proxy of served) {
    const result = verifyChain(proxy, context);
    if (isProblem(result)) {
      const key = result.observed.replace(proxy.server, "");
      const { problem = result, count = 0 } = problems.get(key) ?? {};
      problems.set(key, { problem, count: count + 1 });
      continue;
    }
    const issuer = result.issuer ?? result.anchor;
    const key = fingerprintCertificate(issuer);
    const { count = 0, isNew = false } = issuers.get(key) ?? {};
    issuers.set(key, { issuer, anchor: result.anchor, count: count + 1, isNew: isNew || proxy.isNew });
  }
  const { stack } = mesh;
  const comparisons: Comparison[] = stack
    ? [...issuers.values()]
        .filter(({ isNew }) => isNew)
        .map(({ issuer }) => compareExpiry(issuer, "identity-issuer", stack))
    : [];
  return {
    observed: [...issuers.values()].map(formatIssuer),
    problems: [
      ...[...problems.values()].map(({ problem, count }) =>
        count === 1
          ? problem
          : { ...problem, observed: `${problem.observed} (and ${count - 1} other proxies)` },
      ),
      ...comparisons.filter((each) => typeof each === "object"),
    ],
    skipped: comparisons.includes("absent")
      ? ["the expiry of the identity issuer: the stack does not manage it"]
      : [],
  };
}

/** The issuer of some of the proxies. */
interface IssuerUse {
  readonly issuer: X509Certificate;
  readonly anchor: X509Certificate;
  /** Number of proxies. */
  readonly count: number;
  /** Whether it signed the certificate of a new proxy. */
  readonly isNew: boolean;
}

const formatIssuer = ({ issuer, anchor, count }: IssuerUse) =>
  `${count} proxies have certificates of ${formatName(issuer)}, valid until ${issuer.validToDate.toISOString()}, which ${formatName(anchor)} signed`;

/** Judges the trust anchors: they are those of the stack, and expire when it reports. */
export function judgeAnchors({ trustRootsPem, stack }: TrustFacts, now = new Date()): Finding {
  const anchors = parseCertificates(trustRootsPem);
  const problems: Problem[] = anchors
    .filter(({ validFromDate, validToDate }) => now < validFromDate || validToDate <= now)
    .map((anchor) => ({
      observed: `the trust anchor ${formatName(anchor)} is valid from ${anchor.validFromDate.toISOString()} to ${anchor.validToDate.toISOString()}`,
      cause: "The trust anchor was not rotated in time.",
      docs: "docs/rotation.md",
    }));
  if (anchors.length === 0) {
    problems.push({
      observed: "the ConfigMap linkerd-identity-trust-roots has no trust anchor",
      cause: "trust-manager does not write the bundle, or someone changed the ConfigMap.",
      docs: "docs/certificates.md#certmanager",
    });
  }
  const observed = anchors.map(
    (anchor) => `trust anchor ${formatName(anchor)}, valid until ${anchor.validToDate.toISOString()}`,
  );
  if (stack === undefined) return { observed, problems };
  const own = parseCertificates(stack.trustBundlePem);
  if (own.length === 0) {
    return {
      observed,
      problems,
      skipped: ["the trust anchors of the stack: trust-manager distributes them"],
    };
  }
  if (bundleSha256(trustRootsPem) !== bundleSha256(stack.trustBundlePem)) {
    problems.push({
      observed: `the cluster trusts ${anchors.map(formatSerial).join(" and ") || "nothing"}, but the stack ${stack.stack} has ${own.map(formatSerial).join(" and ")}`,
      cause:
        "The stack was not deployed to this cluster, or someone changed the ConfigMap linkerd-identity-trust-roots.",
      docs: "docs/rotation.md",
    });
  } else {
    const comparisons = anchors.map((anchor) => compareExpiry(anchor, "trust-anchor", stack));
    problems.push(...comparisons.filter((each) => typeof each === "object"));
  }
  return { observed, problems };
}

const formatSerial = (certificate: X509Certificate) =>
  `${formatName(certificate)} (serial number ${certificate.serialNumber})`;
