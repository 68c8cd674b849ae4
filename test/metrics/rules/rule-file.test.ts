import { expect, test } from "vitest";
import { rules } from "../../../components/observability/rules/rules.ts";
import { checkRules } from "./promtool.ts";

test("promtool accepts the rules, with and without the certificates of a stack", async () => {
  const certificate = { subject: "", issuer: "", algorithm: "", serial: "", notBefore: "" };
  const certificates = ["tap", "trust-anchor"].map((name) => ({
    ...certificate,
    name,
    notAfter: "2126-10-28T19:30:36.000Z",
  }));
  expect(await checkRules(rules())).toContain("23 rules found");
  expect(await checkRules(rules({ certificates, retention: "15d", labels: { team: "platform" } }))).toContain(
    "25 rules found",
  );
});
