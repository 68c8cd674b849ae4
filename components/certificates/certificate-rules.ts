/** Pure rules for certificates that are made: how long they live, what they are called. */

/** A year as the TLS provider counts it: it knows hours only, and no leap days. */
const HOURS_PER_YEAR = 365 * 24;

/**
 * The longest validity that still adds up. The provider turns hours into nanoseconds in a signed 64-bit
 * number without a check (Go `time.Duration`): 293 years wrap around to a date in the past.
 */
export const MAX_VALIDITY_YEARS = 292;

/** What the product promises: nothing to touch for a century. */
export const DEFAULT_VALIDITY_YEARS = 100;

/**
 * Parent and child are created seconds apart, and the child's clock starts later. A child that is given as
 * many years as its parent gets a day less, so that it ends first even where an `up` was taken up again.
 */
const CHILD_MARGIN_HOURS = 24;

/** Hours of a certificate that lives `years` whole years, 1 to 292. Throws a `RangeError` otherwise. */
export function validityHours(years: number): number {
  if (!Number.isInteger(years) || years < 1 || years > MAX_VALIDITY_YEARS) {
    throw new RangeError(
      `validityYears: ${years} is not a validity that a certificate can have. ` +
        `Expected whole years from 1 to ${MAX_VALIDITY_YEARS}, e.g. ${DEFAULT_VALIDITY_YEARS}.`,
    );
  }
  return years * HOURS_PER_YEAR;
}

/** Hours of a certificate that lives `years`, signed by one that was made for `parentHours`: never longer. */
export function childValidityHours(years: number, parentHours: number): number {
  return Math.min(validityHours(years), parentHours - CHILD_MARGIN_HOURS);
}

/**
 * The subject of a certificate for `dnsName`. A common name holds at most 64 characters (RFC 5280,
 * appendix A.1, ub-common-name); a longer name stands in the SAN alone, which is what verifiers read. As the
 * subject of an authority must not be empty (RFC 5280, 4.1.2.6), nor its provider take it, it then has
 * the first label as organization: `root` and `identity` stay apart.
 */
export function subjectFor(dnsName: string): { commonName: string } | { organization: string } {
  if (dnsName.length <= 64) return { commonName: dnsName };
  return { organization: (dnsName.split(".")[0] ?? "").slice(0, 64) };
}
