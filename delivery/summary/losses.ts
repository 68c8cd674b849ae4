/** Changes that a second change does not undo. */
import { inlineCode } from "../markdown/escape.ts";
import { joinNames } from "../markdown/phrases.ts";
import { RELEASE, SECRET_TYPE } from "../objects/program-resource.ts";
import { type Fields, readFields } from "../objects/workloads.ts";
import { isKnown, type StepChanges } from "./changes.ts";
import { nameStep } from "./names.ts";
import type { Operation, Step } from "./operation.ts";

/** Something that is lost, and the consequence. */
export interface Loss {
  /** A text of any origin, e.g. `Namespace shop is deleted`. A certificate is in backticks. */
  readonly what: string;
  /** The consequence, and what to do: Markdown. */
  readonly why: string;
}

const ANCHOR = "linkerd-mesh:certificates:TrustAnchor";
const CERTIFICATE = "tls:index/selfSignedCert:SelfSignedCert";
const CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
const NAMESPACE = "kubernetes:core/v1:Namespace";

/**
 * Finds the losses of one step: deletions and replacements of trust anchors, namespaces, CRDs and Secrets. A replacement
 * because of values that are known only during `up` is not a loss: the object stays if they are equal.
 */
export function findLosses(step: Step, operation: Operation, changes: StepChanges): Loss[] {
  return [
    ...(isLost(step) || step.type === RELEASE ? findLostAnchors(step, operation) : []),
    ...(isLost(step) && isKnown(step, changes) ? findLostObject(step, changes) : []),
  ];
}

function isLost({ op, isRetained }: Step): boolean {
  return (op === "delete" && !isRetained) || op === "replace";
}

function findLostAnchors(step: Step, operation: Operation): Loss[] {
  const why = operation.isDestroy
    ? "No certificate of the mesh can be verified afterwards."
    : explain(operation);
  if (isAnchor(step)) {
    const what = step.op === "replace" ? "is replaced" : "is deleted with its key";
    return [{ what: `Trust anchor ${identify(step)} ${what}`, why }];
  }
  if (step.op !== "update") return [];
  const deleted = operation.steps.filter((each) => isLost(each) && isAnchor(each)).map(identify);
  const lost = readBundle(step.before).filter((anchor) => !readBundle(step.after).includes(anchor));
  // Without any anchor, the new bundle is known only during `up`.
  if (readBundle(step.after).length === 0) return [];
  return lost
    .filter((anchor) => !deleted.includes(anchor))
    .map((anchor) => ({ what: `Trust anchor ${anchor} is removed from the trust bundle`, why }));
}

/** Whether a step is about the certificate of a generated trust anchor. */
function isAnchor({ type, urn }: Step): boolean {
  return type === CERTIFICATE && urn.includes(`${ANCHOR}$`);
}

function identify({ name, outputs: { certPem } }: Step): string {
  return typeof certPem === "string" ? quote(certPem.trim()) : name;
}

const quote = (certificate: string) => `\`${certificate}\``;

/** The anchors in the values of the control plane. */
function readBundle(inputs: Fields | undefined): string[] {
  const bundle = readFields(inputs, "values").identityTrustAnchorsPEM;
  return typeof bundle === "string"
    ? bundle
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map(quote)
    : [];
}

/** A new anchor is not trusted by any proxy yet, so an operation that keeps no anchor of before interrupts the traffic. */
function explain({ steps }: Operation): string {
  const isCreated = steps.some(
    ({ op, type, urn }) => (op === "create" && type === ANCHOR) || (op === "replace" && urn.includes(ANCHOR)),
  );
  const bundles = steps.filter(({ op, type }) => op === "update" && type === RELEASE);
  const isKept = bundles.some(({ before, after }) =>
    readBundle(before).some((anchor) => readBundle(after).includes(anchor)),
  );
  return isCreated || !isKept ? OUTAGE : RETIREMENT;
}

const OUTAGE =
  "Pods with the old anchor and pods with a new one reject each other until all of them are restarted. To change the anchor without an outage, follow docs/rotation.md.";
const RETIREMENT =
  "Proxies that trust no other anchor reject all other proxies from then on. Before `up`, check that all proxies have the remaining anchors: `linkerd check --proxy`.";

function findLostObject(step: Step, changes: StepChanges): Loss[] {
  const what = `${nameStep(step)} is ${step.op === "replace" ? "deleted and created again" : "deleted"}`;
  switch (step.type) {
    case NAMESPACE:
      return [{ what, why: "Kubernetes deletes all objects in it, also those of others." }];
    case CRD:
      return [{ what, why: "Kubernetes deletes all objects of this kind in all namespaces." }];
    case SECRET_TYPE:
      return [{ what, why: describeLostData(step, changes) }];
    case RELEASE:
      return isCrdRelease(step)
        ? [
            {
              what,
              why: "Its CRDs are deleted, and with them all policies of Linkerd in the cluster. To keep them, set keepCrds to true in an `up` before.",
            },
          ]
        : [];
    default:
      return [];
  }
}

/** The data of a Secret that is lost. Of a replaced one, it is the part that changes. */
function describeLostData({ op }: Step, { known }: StepChanges): string {
  if (op === "delete") return "Its data is lost, unless it is stored elsewhere.";
  const paths = known.map(({ path }) => path);
  const isData = paths.length > 0 && paths.every((path) => /^(data|stringData)\b/.test(path));
  const lost = isData ? `The old content of ${joinNames(paths.map(inlineCode))}` : "The old data";
  return `${lost} is lost, unless it is stored elsewhere. In between, pods that mount the Secret cannot start.`;
}

/** Whether a release installs the chart `linkerd-crds`, from any source. */
export function isCrdRelease({ before, after }: Step): boolean {
  const { chart } = after ?? before ?? {};
  return typeof chart === "string" && /(^|\/)linkerd-crds(-[\d.]+\.tgz)?$/.test(chart);
}
