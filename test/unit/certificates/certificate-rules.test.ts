import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  childValidityHours,
  subjectFor,
  validityHours,
} from "../../../components/certificates/certificate-rules.ts";

const years = fc.integer({ min: 1, max: 292 });

describe("validity", () => {
  test("100 years are 876,000 hours", () => {
    expect(validityHours(100)).toBe(876_000);
  });

  test("no validity that is accepted overflows the provider's nanoseconds", () => {
    fc.assert(
      fc.property(years, (y) => {
        expect(BigInt(validityHours(y)) * 3_600_000_000_000n).toBeLessThan(2n ** 63n);
      }),
    );
  });

  test.each([0, -1, 293, 300, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("%d years are refused", (y) => {
    expect(() => validityHours(y)).toThrow("Expected whole years from 1 to 292");
  });

  test("a child is never made for as long as its parent, nor for longer than it asked", () => {
    fc.assert(
      fc.property(years, years, (child, parent) => {
        const hours = childValidityHours(child, validityHours(parent));
        expect(hours).toBeLessThan(validityHours(parent));
        expect(hours).toBeLessThanOrEqual(validityHours(child));
        expect(hours).toBeGreaterThan(0);
      }),
    );
  });
});

describe("names", () => {
  test("a name of up to 64 characters is the common name, a longer one stands in the SAN alone, under its first label", () => {
    expect(subjectFor("a".repeat(64))).toEqual({ commonName: "a".repeat(64) });
    expect(subjectFor(`root.${"a".repeat(60)}`)).toEqual({ organization: "root" });
    expect(subjectFor("a".repeat(65))).toEqual({ organization: "a".repeat(64) });
  });
});
