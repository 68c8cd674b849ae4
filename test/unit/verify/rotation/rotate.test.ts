import { beforeAll, expect, test } from "vitest";
import type { CheckContext } from "../../../../verify/checks/check.ts";
import { rotate } from "../../../../verify/checks/rotation.ts";
import type { loadDuring } from "../../../../verify/load/load-during.ts";
import type { MeshProject } from "../../../../verify/rotation/pulumi-project.ts";
import { planRotation, type RotationSteps } from "../../../../verify/rotation/rotation-steps.ts";
import { makeIdentity } from "../../../support/pem.ts";
import { healthyLoad } from "../checks/load.ts";
import { onlyProblem } from "../problems.ts";

interface Generation {
  anchor: string;
  issuer: string;
}
let first: Generation;
let second: Generation;

beforeAll(async () => {
  const generate = async () => {
    const { anchor, issuer } = await makeIdentity();
    return { anchor: anchor.certPem, issuer: issuer.certPem };
  };
  [first, second] = await Promise.all([generate(), generate()]);
});

/** A mesh with a stack, as far as a rotation observes it. `onUp` runs after each `up`, with its number. */
function fakeMesh(onUp: (count: number, pods: object[]) => void = () => {}) {
  const events: string[] = [];
  const pods: object[] = [];
  const state = { ups: 0, anchors: first.anchor, issuer: first.issuer };
  const project: MeshProject = {
    readCertificates: async () => undefined,
    configure: async (args) => void events.push(args.join(" ")),
    expectNoChanges: async () => {},
    up: async () => {
      events.push("up");
      const both = first.anchor + second.anchor;
      state.anchors = [both, both, second.anchor][state.ups++] ?? "";
      if (state.ups === 2) state.issuer = second.issuer;
      onUp(state.ups, pods);
    },
  };
  const pod = {
    metadata: { name: "echo-1", namespace: "verify" },
    status: { phase: "Running", podIP: "10.0.0.1" },
  };
  const context = {
    namespace: "verify",
    signal: new AbortController().signal,
    mesh: { namespace: "linkerd", vizNamespace: undefined, trustDomain: "cluster.local" },
    cluster: {
      pods: async () => [pod],
      run: async () => [{ host: "10.0.0.1", port: 4143, chain: ["leaf", state.issuer] }],
      restart: async (workload: string) => void events.push(`restart ${workload}`),
      get: async (path: string) => {
        const answers = {
          configmaps: { data: { "ca-bundle.crt": state.anchors } },
          pods: { items: pods },
          externalworkloads: { items: [] },
        };
        const [, answer] = Object.entries(answers).find(([kind]) => path.includes(`/${kind}`)) ?? [];
        return { status: 200, body: JSON.stringify(answer) };
      },
    },
  } as unknown as CheckContext;
  return { events, context, rotation: { ...(planRotation(undefined) as RotationSteps), project } };
}

const underLoad =
  (load = healthyLoad): typeof loadDuring =>
  async (_, __, work) => ({ load, seconds: 60, result: await work() });

test("each step configures the stack, runs an up, and restarts the server and then the client", async () => {
  const { events, context, rotation } = fakeMesh();
  const lines: string[] = [];
  const onProgress = (line: string) => lines.push(line);
  const { observed, problems } = await rotate(rotation, { ...context, onProgress }, underLoad());
  expect(problems).toEqual([]);
  expect(lines).toEqual(rotation.steps.map(({ title }) => `rotation: ${title}`));
  expect(observed).toHaveLength(3);
  expect(events).toEqual([
    "set --path certificates.trustAnchors[0] 1",
    "set --path certificates.trustAnchors[1] 2",
    "set --path certificates.issuingAnchor 1",
    ...["up", "restart echo", "restart client"],
    "set --path certificates.issuingAnchor 2",
    ...["up", "restart echo", "restart client"],
    "rm --path certificates.trustAnchors[0]",
    ...["up", "restart echo", "restart client"],
  ]);
});

test("a workload that starts during a rotation stops it before the next step", async () => {
  const { events, context, rotation } = fakeMesh((_, pods) => {
    pods.push({ metadata: { namespace: "shop", name: "web-1" }, status: { phase: "Running" } });
  });
  const finding = await rotate(rotation, context, underLoad());
  const { observed, docs } = onlyProblem(finding);
  expect(observed).toMatch(
    /^the rotation stopped before the step "Sign .*": shop\/web-1 started in the meantime$/,
  );
  expect(docs).toBe("docs/rotation.md");
  expect(events.filter((event) => event === "up")).toHaveLength(1);
});

test("a lost request stops the rotation after its step", async () => {
  const { events, context, rotation } = fakeMesh();
  const lost = { ...healthyLoad, statuses: { 200: 99, 503: 1 } };
  onlyProblem(await rotate(rotation, context, underLoad(lost)));
  expect(events.filter((event) => event === "up")).toHaveLength(1);
});

test("a failed up stops the rotation, and is reported as it is", async () => {
  const { events, context, rotation } = fakeMesh((count) => {
    if (count === 2) throw new Error("pulumi up failed");
  });
  await expect(rotate(rotation, context, underLoad())).rejects.toThrow("pulumi up failed");
  expect(events.at(-1)).toBe("up");
});
