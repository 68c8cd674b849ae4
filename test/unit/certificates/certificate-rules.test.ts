import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  buildSubject,
  checkValidityYears,
  resolveValidityYears,
  toChildValidityHours,
  toValidityHours,
} from "../../../components/certificates/certificate-rules.ts";
import { formatIssue, ValidationError } from "../../../components/inputs/validation.ts";

const years = fc.integer({ min: 1, max: 292 });

describe("validity", () => {
  test("100 years are 876,000 hours", () => {
    expect(toValidityHours(100)).toBe(876_000);
  });

  test("no valid number of years overflows the TLS provider's nanoseconds", () => {
    fc.assert(
      fc.property(years, (y) => {
        expect(checkValidityYears([], { validityYears: y })).toEqual([]);
        expect(BigInt(toValidityHours(y)) * 3_600_000_000_000n).toBeLessThan(2n ** 63n);
      }),
    );
  });

  test.each([0, -1, 293, 300, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "a validity of %d years is rejected",
    (invalid) => {
      expect(checkValidityYears(["certificates"], { validityYears: invalid }).map(formatIssue)).toEqual([
        `certificates.validityYears: must be an integer from 1 to 292, got ${invalid}.`,
      ]);
      expect(() => resolveValidityYears('TrustAnchor "root"', invalid)).toThrow(ValidationError);
    },
  );

  test("a validity that is not set is 100 years", () => {
    expect(resolveValidityYears('TrustAnchor "root"', undefined)).toBe(100);
    expect(checkValidityYears([], { issuer: undefined })).toEqual([]);
  });

  test("a child certificate is always valid for fewer hours than its signer, and at most for its own years", () => {
    fc.assert(
      fc.property(years, years, (child, signer) => {
        const hours = toChildValidityHours(child, toValidityHours(signer));
        expect(hours).toBeLessThan(toValidityHours(signer));
        expect(hours).toBeLessThanOrEqual(toValidityHours(child));
        expect(hours).toBeGreaterThan(0);
      }),
    );
  });
});

describe("subjects", () => {
  test("a name of up to 64 characters is the common name, and a longer one is in the SAN alone", () => {
    expect(buildSubject("a".repeat(64))).toEqual({ commonName: "a".repeat(64) });
    expect(buildSubject(`root.${"a".repeat(60)}`)).toEqual({ organization: "root" });
    expect(buildSubject("a".repeat(65))).toEqual({ organization: "a".repeat(64) });
  });
});
