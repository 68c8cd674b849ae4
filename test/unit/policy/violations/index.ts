/** All violations. Each rule has at least one. */
import { makeCertificate } from "../../../support/pem.ts";
import { makeCertificateViolations } from "./certificates.ts";
import { makeChartAndKeyViolations } from "./charts-and-keys.ts";
import type { Violation } from "./violation.ts";
import { WORKLOAD_VIOLATIONS } from "./workloads.ts";

/** Creates certificates and keys, which the violations contain. */
export async function makeViolations(): Promise<readonly Violation[]> {
  const leaf = await makeCertificate("web.example", 50_000, { isCa: false });
  return [
    ...makeChartAndKeyViolations(leaf),
    ...(await makeCertificateViolations(leaf)),
    ...WORKLOAD_VIOLATIONS,
  ];
}
