/** The certificates of the servers that the API server calls. */
import { toKebabCase } from "../../../components/certificates/webhook-servers.ts";
import { parseCertificates } from "../../../components/certificates/x509/pem.ts";
import type { MeshFacts } from "../../cluster/mesh-facts.ts";
import type { Finding, Problem } from "../../report/finding.ts";
import { isProblem, type ServedChain, verifyChain } from "./chain.ts";
import { type Comparison, compareExpiry } from "./expiry.ts";
import type { CalledServer } from "./webhook-callers.ts";

/** A server with the certificates that it sent. */
export interface ServedWebhook extends CalledServer {
  readonly served: Pick<ServedChain, "chain" | "error">;
}

/** Judges the servers: each caller trusts the certificate, which is the one of the stack. */
export function judgeWebhooks(
  webhooks: readonly ServedWebhook[],
  { stack }: Pick<MeshFacts, "stack">,
  now = new Date(),
): Finding {
  const problems: Problem[] = [];
  const comparisons: Comparison[] = [];
  const expiries: Date[] = [];
  for (const webhook of webhooks) {
    const { server, host, callers } = webhook;
    const found = callers.length === 0 ? [noCaller(host)] : judgeCallers(webhook, now);
    problems.push(...found);
    if (found.length > 0) continue;
    const [leaf] = webhook.served.chain.flatMap(parseCertificates);
    if (leaf === undefined) continue;
    expiries.push(leaf.validToDate);
    if (stack === undefined) continue;
    comparisons.push(compareExpiry(leaf, toKebabCase(server), stack));
    // Of a CA that someone else manages, only the entries of the servers are absent as well.
    const cas = callers.flatMap(({ caBundlePem }) => parseCertificates(caBundlePem));
    comparisons.push(...cas.map((ca) => compareExpiry(ca, "webhook-authority", stack)));
  }
  const soonest = expiries.sort((a, b) => a.getTime() - b.getTime())[0];
  return {
    observed: soonest
      ? [
          `${expiries.length} webhook servers send certificates that their callers trust, valid until ${soonest.toISOString()} or later`,
        ]
      : [],
    problems: unique([...problems, ...comparisons.filter((each) => typeof each === "object")]),
    skipped: comparisons.includes("absent")
      ? ["the expiry of webhook certificates: the stack does not manage them"]
      : [],
  };
}

function judgeCallers({ host, callers, served }: ServedWebhook, now: Date): Problem[] {
  return callers.flatMap(({ object, caBundlePem }) => {
    const result = verifyChain(
      { server: host, name: host, ...served },
      {
        trustPem: caBundlePem,
        trustName: `the caBundle of ${object}`,
        untrusted: {
          cause: `The Secret of ${host} and the caBundle of ${object} are of different CAs: one of them was replaced, or cert-manager did not inject its CA.`,
          docs: "docs/certificates.md#webhook-certificates-that-someone-else-manages",
        },
        now,
      },
    );
    return isProblem(result) ? [result] : [];
  });
}

function noCaller(host: string): Problem {
  return {
    observed: `no webhook configuration or APIService names ${host}`,
    cause: "Someone deleted the object, so the API server does not call the server.",
    docs: "docs/recovery.md#objects-differ-from-their-release-but-a-preview-shows-no-change",
  };
}

/** The callers of several servers have one CA, and several callers of a server have one problem. */
function unique(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [problem.observed, problem])).values()];
}
