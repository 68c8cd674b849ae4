/** Judges one step of a rotation. */
import { isSignedBy } from "../../components/certificates/x509/chain.ts";
import { parseCertificates } from "../../components/certificates/x509/pem.ts";
import { judgeLoad, type LoadTotals } from "../load/load-totals.ts";
import type { Finding, Problem } from "../report/finding.ts";
import type { RotationStep } from "./rotation-steps.ts";

/** What a step leaves in the cluster. */
export interface StepObservation {
  readonly step: RotationStep;
  readonly load: LoadTotals;
  /** Duration of the load. */
  readonly seconds: number;
  /** The issuer that signed for the server before the step, and after the restart that follows it, PEM. */
  readonly issuerBefore: string;
  readonly issuerAfter: string;
  /** The trust anchors in the cluster after the step, PEM. */
  readonly trustRootsPem: string;
}

/** The number of anchors after each step, and whether another issuer signs from this step on. */
const EXPECTED = {
  trust: { anchors: 2, newIssuer: false },
  sign: { anchors: 2, newIssuer: true },
  retire: { anchors: 1, newIssuer: false },
} as const;

const DOCS = {
  trust: "docs/rotation.md#1-trust",
  sign: "docs/rotation.md#2-sign",
  retire: "docs/rotation.md#3-retire",
};

/** Judges a step: no request was lost, and the anchors and the issuer are those of the step. */
export function judgeStep(observation: StepObservation): Finding {
  const { step, load, seconds } = observation;
  const docs = DOCS[step.name];
  return {
    observed: [
      `${step.title}: ${load.sent} requests in ${seconds.toFixed(0)} s, ${load.statuses[200] ?? 0} answered with 200`,
    ],
    problems: [
      ...judgeLoad(
        load,
        `in the step "${step.title}"`,
        "A proxy has a certificate that the other one does not trust, or a restart lost requests: see the check `rolling-restart`. The following steps did not run.",
        docs,
      ),
      ...judgeTrust(observation, docs),
    ],
  };
}

function judgeTrust(
  { step, issuerBefore, issuerAfter, trustRootsPem }: StepObservation,
  docs: string,
): Problem[] {
  const expected = EXPECTED[step.name];
  const anchors = parseCertificates(trustRootsPem);
  const [issuer] = parseCertificates(issuerAfter);
  const problems: Problem[] = [];
  if (anchors.length !== expected.anchors) {
    problems.push({
      observed: `the cluster trusts ${anchors.length} anchors after the step "${step.title}", not ${expected.anchors}`,
      cause:
        "The control plane was not updated, or someone changed the ConfigMap linkerd-identity-trust-roots.",
      docs,
    });
  }
  if ((issuerAfter !== issuerBefore) !== expected.newIssuer) {
    problems.push({
      observed: expected.newIssuer
        ? "the previous issuer still signs after the new one was deployed"
        : `another issuer signs after the step "${step.title}"`,
      cause: expected.newIssuer
        ? "The identity controller did not load the new issuer: see its events with the reason IssuerUpdated."
        : "Someone replaced the Secret linkerd-identity-issuer.",
      docs,
    });
  }
  if (issuer === undefined || !anchors.some((anchor) => isSignedBy(issuer, anchor))) {
    problems.push({
      observed: `none of the anchors in the cluster signed the issuer after the step "${step.title}"`,
      cause: "The Secret linkerd-identity-issuer is not the one of the stack.",
      docs,
    });
  }
  return problems;
}
