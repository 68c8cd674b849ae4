import { expect, test } from "vitest";
import { MeshedDeployment, type MeshedDeploymentArgs } from "../../../components/index.ts";
import { ValidationError } from "../../../components/inputs/validation.ts";
import { deploymentArgs } from "./complete-workload.ts";

/** The issues of a MeshedDeployment with these options, each as one line. */
function issuesWith(options: object): string[] {
  try {
    new MeshedDeployment("web", { ...deploymentArgs, ...options } as MeshedDeploymentArgs);
  } catch (error) {
    if (error instanceof ValidationError) return error.message.split("\n- ").slice(1);
    throw error;
  }
  throw new Error("the options are accepted");
}

test("the old options are not in the types of the arguments", () => {
  const options: MeshedDeploymentArgs[] = [
    // @ts-expect-error renamed
    { spread: true },
    // @ts-expect-error renamed
    { restricted: true },
    // @ts-expect-error renamed
    { probes: { ready: "/ready" } },
    // @ts-expect-error renamed
    { probes: { live: "/live" } },
  ];
  expect(options.map((each) => issuesWith(each).length)).toEqual([1, 1, 1, 1]);
});

test("the old option spread is rejected with its new name", () => {
  expect(issuesWith({ spread: true })).toEqual([
    "spread: renamed to topologySpread. Fix: use topologySpread",
  ]);
});

test("the old option restricted is rejected with its new name and value", () => {
  expect(issuesWith({ restricted: true })).toEqual([
    'restricted: renamed to podSecurity: "restricted". Fix: use podSecurity: "restricted"',
  ]);
});

test("the old option probes.ready is rejected with its new name", () => {
  expect(issuesWith({ probes: { ready: "/ready" } })).toEqual([
    "probes.ready: renamed to probes.readiness. Fix: use probes.readiness",
  ]);
});

test("the old option probes.live is rejected with its new name", () => {
  expect(issuesWith({ probes: { live: "/live" } })).toEqual([
    "probes.live: renamed to probes.liveness. Fix: use probes.liveness",
  ]);
});

test.each([
  ["from", "mesh.ref", { linkerdVersion: "1", trustBundleSha256: "ab" }],
  ["mail", "mesh.skipSmtp", true],
  ["waitForProxy", "mesh.proxyAwait", true],
  ["shutdownGrace", "mesh.shutdownGracePeriod", "30s"],
])("the old option mesh.%s of a MeshedDeployment is rejected with its new name %s", (old, current, value) => {
  expect(issuesWith({ mesh: { [old]: value } })).toEqual([
    `mesh.${old}: renamed to ${current}. Fix: use ${current}`,
  ]);
});

test("all old options are rejected in one error", () => {
  const issues = issuesWith({
    spread: true,
    restricted: true,
    probes: { ready: "/ready", live: "/live" },
    mesh: { from: {}, mail: true, waitForProxy: true, shutdownGrace: "30s" },
  });
  expect(issues.map((issue) => issue.split(":")[0]).toSorted()).toEqual([
    "mesh.from",
    "mesh.mail",
    "mesh.shutdownGrace",
    "mesh.waitForProxy",
    "probes.live",
    "probes.ready",
    "restricted",
    "spread",
  ]);
});
