import { beforeAll, describe, expect, test } from "vitest";
import type { CheckContext } from "../../../../verify/checks/check.ts";
import { rotation } from "../../../../verify/checks/rotation.ts";
import { judgeStep, type StepObservation } from "../../../../verify/rotation/judge-step.ts";
import { planRotation, type RotationSteps } from "../../../../verify/rotation/rotation-steps.ts";
import { makeIdentity } from "../../../support/pem.ts";
import { healthyLoad } from "../checks/load.ts";
import { onlyProblem } from "../problems.ts";

const [trust, sign, retire] = (planRotation(undefined) as RotationSteps).steps;

let before: { anchor: string; issuer: string };
let after: { anchor: string; issuer: string };

beforeAll(async () => {
  const pems = async () => {
    const { anchor, issuer } = await makeIdentity();
    return { anchor: anchor.certPem, issuer: issuer.certPem };
  };
  [before, after] = await Promise.all([pems(), pems()]);
});

type Step = "trust" | "sign" | "retire";

const healthy = (step: Step): StepObservation => {
  const shared = { load: healthyLoad, seconds: 90 };
  const both = before.anchor + after.anchor;
  const steps = {
    trust: { step: trust, issuerBefore: before.issuer, issuerAfter: before.issuer, trustRootsPem: both },
    sign: { step: sign, issuerBefore: before.issuer, issuerAfter: after.issuer, trustRootsPem: both },
    retire: {
      step: retire,
      issuerBefore: after.issuer,
      issuerAfter: after.issuer,
      trustRootsPem: after.anchor,
    },
  };
  return { ...shared, ...steps[step] };
};

describe("a step of a rotation", () => {
  test.each(["trust", "sign", "retire"] as const)(
    "the step %s passes with its anchors and its issuer",
    (step) => {
      const { observed, problems } = judgeStep(healthy(step));
      expect(problems).toEqual([]);
      expect(observed).toEqual([expect.stringMatching(/: 100 requests in 90 s, 100 answered with 200$/)]);
    },
  );

  test.each(["trust", "sign", "retire"] as const)("a lost request fails the step %s", (step) => {
    const load = { ...healthyLoad, statuses: { 200: 99 }, errors: { ECONNRESET: 1 } };
    expect(onlyProblem(judgeStep({ ...healthy(step), load })).observed).toMatch(
      /^1 of 100 requests were lost in the step/,
    );
  });

  test("a step that adds no anchor is a problem", () => {
    const { observed } = onlyProblem(judgeStep({ ...healthy("trust"), trustRootsPem: before.anchor }));
    expect(observed).toMatch(/^the cluster trusts 1 anchors after the step .*, not 2$/);
  });

  test("an old anchor that remains after the last step is a problem", () => {
    const trustRootsPem = before.anchor + after.anchor;
    expect(onlyProblem(judgeStep({ ...healthy("retire"), trustRootsPem })).observed).toMatch(
      /^the cluster trusts 2 anchors/,
    );
  });

  test("an old issuer that still signs is a problem", () => {
    const finding = judgeStep({ ...healthy("sign"), issuerAfter: before.issuer });
    expect(onlyProblem(finding).observed).toBe(
      "the previous issuer still signs after the new one was deployed",
    );
  });

  test("another issuer before the step that signs is a problem", () => {
    const finding = judgeStep({ ...healthy("trust"), issuerAfter: after.issuer });
    expect(onlyProblem(finding).observed).toMatch(/^another issuer signs after the step/);
  });

  test("an issuer that no anchor signed is a problem", () => {
    const finding = judgeStep({ ...healthy("retire"), trustRootsPem: before.anchor });
    expect(onlyProblem(finding).observed).toMatch(/^none of the anchors in the cluster signed the issuer/);
  });
});

describe("the check of a rotation", () => {
  const run = (context: Partial<CheckContext>) => rotation.run(context as CheckContext);

  test("without --rotation, the check is skipped and observes nothing", async () => {
    expect(await run({})).toEqual({
      observed: [],
      problems: [],
      skipped: ["it changes the trust anchor, so it needs --rotation"],
    });
  });

  test("a stack that does not generate its certificates is skipped with the reason", async () => {
    const skipped = "the mode of the certificates is provided";
    expect(await run({ rotation: { skipped } })).toMatchObject({ observed: [], skipped: [skipped] });
  });
});
