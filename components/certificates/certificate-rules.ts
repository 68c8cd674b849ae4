/** Rules for the certificates that this library creates: their validity and their subjects. */
import { type Reader, ValidationError, type ValidationIssue } from "../inputs/validation.ts";

/** Hours of a year in the TLS provider, which counts hours and no leap days. */
const HOURS_PER_YEAR = 365 * 24;

/**
 * The longest validity that the TLS provider supports. It converts hours into nanoseconds in a signed 64-bit integer
 * without a check (Go `time.Duration`), so 293 years overflow into a date in the past.
 */
export const MAX_VALIDITY_YEARS = 292;

/** The default validity of every certificate. */
export const DEFAULT_VALIDITY_YEARS = 100;

/**
 * A child certificate is created seconds after its parent, so its validity starts later. A child with as many years as
 * its parent gets one day less, so that it expires first even if an interrupted `up` created it hours later.
 */
const CHILD_MARGIN_HOURS = 24;

/** Reads a validity in years. */
export const readValidityYears: Reader<number, number> = (years, reject) =>
  Number.isInteger(years) && years >= 1 && years <= MAX_VALIDITY_YEARS
    ? years
    : reject({ reason: `must be an integer from 1 to ${MAX_VALIDITY_YEARS}`, got: String(years) });

/** The issues with validities in years, by their key below `path`. A validity that is `undefined` has none. */
export function checkValidityYears(
  path: ValidationIssue["path"],
  years: Readonly<Record<string, number | undefined>>,
): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  for (const [key, value] of Object.entries(years)) {
    if (value === undefined) continue;
    readValidityYears(value, (issue) => {
      issues.push({ ...issue, path: [...path, key] });
      return undefined;
    });
  }
  return issues;
}

/**
 * The argument `validityYears` of a component, or its default. Throws a {@link ValidationError} if it is invalid; call
 * it before `super`, so that nothing is registered.
 *
 * @param component e.g. `TrustAnchor "root"`
 */
export function resolveValidityYears(component: string, validityYears = DEFAULT_VALIDITY_YEARS): number {
  const issues = checkValidityYears([], { validityYears });
  if (issues.length > 0) throw new ValidationError(component, issues);
  return validityYears;
}

/** The hours of a certificate that is valid for `years`. */
export function toValidityHours(years: number): number {
  return years * HOURS_PER_YEAR;
}

/** The hours of a certificate that is valid for `years`: always fewer than the hours of its signer. */
export function toChildValidityHours(years: number, signerHours: number): number {
  return Math.min(toValidityHours(years), signerHours - CHILD_MARGIN_HOURS);
}

/**
 * The subject of a certificate for `dnsName`. A common name has at most 64 characters (RFC 5280, appendix A.1,
 * ub-common-name). A longer name is in the SAN alone, which is what verifiers read. The subject of a CA must not be
 * empty (RFC 5280, 4.1.2.6), and the TLS provider rejects an empty one, so it then has the first label of the name as
 * its organization: `root` and `identity` remain distinct.
 */
export function buildSubject(dnsName: string): { commonName: string } | { organization: string } {
  if (dnsName.length <= 64) return { commonName: dnsName };
  return { organization: (dnsName.split(".")[0] ?? "").slice(0, 64) };
}
