/** Replaces secrets, certificates, digests, dates and paths in the values of a resource. */
import { sep } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { compareText } from "../objects/compare-text.ts";
import { type CertificateIdentity, replaceCertificates } from "../redaction/certificates.ts";
import { describeCommittedFile } from "./committed-files.ts";
import type { Json } from "./recorded-stack.ts";
import { ROOT, SECRET } from "./stack-files.ts";

/** A list of outputs is recorded if its JSON is not longer. It follows from the inputs of resources. */
const MAX_LIST_LENGTH = 500;

const HOURS_PER_YEAR = 365 * 24;

/** A value of a registration with placeholders. Keys are sorted, and those without a value are left out. */
export function toRecordedValue(value: unknown): Json {
  const file = describeCommittedFile(value);
  if (file !== undefined) return withoutDates(file);
  if (typeof value === "string") return describeText(value);
  if (value === null || typeof value !== "object") return value as Json;
  if (Array.isArray(value)) return value.map(toRecordedValue);
  const object = value as Record<string, unknown>;
  if (object[pulumi.runtime.specialSigKey] === pulumi.runtime.specialSecretSig) return SECRET;
  return Object.fromEntries(
    Object.entries(object)
      .filter(([, part]) => part !== undefined)
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, part]) => [key, toRecordedValue(part)]),
  );
}

/** A text without bodies of certificates, digests, dates and the path of the repository. */
function describeText(text: string): string {
  const replaced = replaceCertificates(text, describeCertificate);
  const described = replaced === text ? text : replaced.trimEnd();
  return withoutDates(described.replaceAll(`${ROOT}${sep}`, "").replaceAll(/\b[0-9a-f]{64}\b/g, "[digest]"));
}

/** An output of the stack with placeholders. A long list, such as that of all alerts, is counted. */
export function toRecordedOutput(value: unknown): Json {
  const isLong = Array.isArray(value) && JSON.stringify(value).length > MAX_LIST_LENGTH;
  return isLong ? `[${value.length} items]` : toRecordedValue(value);
}

/** A text without dates of ISO 8601, and without Unix times in rules of Prometheus. */
function withoutDates(text: string): string {
  return text
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "[date]")
    .replaceAll(/\bvector\(\d{9,}\)/g, "vector([date])");
}

/** Such as `[certificate CN=root.linkerd.cluster.local, self-signed, CA, keyCertSign, cRLSign, 100 years]`. */
function describeCertificate(certificate: CertificateIdentity): string {
  const { subject, issuer, isCa, usages, notBefore, notAfter } = certificate;
  const parts = [
    subject,
    issuer === subject ? "self-signed" : `signed by ${issuer}`,
    ...(isCa ? ["CA"] : []),
    ...usages,
    formatValidity((notAfter.getTime() - notBefore.getTime()) / 3_600_000),
  ];
  return `[certificate ${parts.join(", ")}]`;
}

/** The validity in years of 365 days, as the TLS provider counts, or else in days or hours. */
function formatValidity(hours: number): string {
  if (hours % HOURS_PER_YEAR === 0) return `${hours / HOURS_PER_YEAR} years`;
  return hours % 24 === 0 ? `${hours / 24} days` : `${hours} hours`;
}
