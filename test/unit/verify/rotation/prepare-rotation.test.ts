import { beforeAll, describe, expect, test } from "vitest";
import { requireConfirmation } from "../../../../verify/rotation/confirmation.ts";
import { prepareRotation, type RotationRequest } from "../../../../verify/rotation/prepare-rotation.ts";
import { planRotation } from "../../../../verify/rotation/rotation-steps.ts";
import { makeIdentity, type TestCertificate } from "../../../support/pem.ts";

let anchor: TestCertificate;
let otherAnchor: TestCertificate;

beforeAll(async () => {
  ({ anchor } = await makeIdentity());
  ({ anchor: otherAnchor } = await makeIdentity());
});

describe("the steps of a rotation", () => {
  const commands = (certificates: unknown) => {
    const plan = planRotation(certificates);
    if ("kind" in plan) throw new Error(plan.reason);
    return plan.steps.map(({ configCommands }) => configCommands.map((args) => args.join(" ")));
  };

  test.each([
    ["settings", undefined],
    ["trustAnchors", { mode: "generated" }],
  ])(
    "without %s, the first generation is rotated to the second as docs/rotation.md describes",
    (_, given) => {
      expect(commands(given)).toEqual([
        [
          "set --path certificates.trustAnchors[0] 1",
          "set --path certificates.trustAnchors[1] 2",
          "set --path certificates.issuingAnchor 1",
        ],
        ["set --path certificates.issuingAnchor 2"],
        ["rm --path certificates.trustAnchors[0]"],
      ]);
    },
  );

  test("the generation after the current one follows, with its validity and algorithm", () => {
    const current = { generation: 4, validityYears: 50 };
    expect(commands({ trustAnchors: [current], issuingAnchor: 4 })[0]).toEqual([
      "set --path certificates.trustAnchors[0].generation 4",
      "set --path certificates.trustAnchors[0].validityYears 50",
      "set --path certificates.trustAnchors[1].generation 5",
      "set --path certificates.trustAnchors[1].validityYears 50",
      "set --path certificates.issuingAnchor 4",
    ]);
  });

  test.each([{ mode: "provided" }, { mode: "certManager" }])("the mode of %j is skipped", (certificates) => {
    expect(planRotation(certificates)).toMatchObject({ kind: "skip" });
  });

  test.each<[string, object, RegExp]>([
    [
      "with two anchors",
      { trustAnchors: [1, 2] },
      /^certificates\.trustAnchors: must have one generation, got 1, 2\./,
    ],
    ["without an anchor", { trustAnchors: [] }, /^certificates\.trustAnchors: must have one generation/],
    [
      "whose issuing anchor is another one",
      { trustAnchors: [2], issuingAnchor: 1 },
      /^certificates\.issuingAnchor: must be/,
    ],
    [
      "without the checks of a rotation",
      { acceptTrustAnchorOutage: true },
      /^certificates\.acceptTrustAnchorOutage: must not be true/,
    ],
  ])("settings %s are rejected", (_, certificates, reason) => {
    expect(planRotation(certificates)).toEqual({ kind: "issue", reason: expect.stringMatching(reason) });
  });
});

const pod = (namespace: string, name: string, labels: object = {}, phase = "Running") => ({
  metadata: { namespace, name, labels },
  status: { phase },
});

/** The pods of a mesh without other workloads. */
const ownPods = [
  pod("mesh", "linkerd-identity-1", { "linkerd.io/control-plane-component": "identity" }),
  pod("mesh-viz", "web-1", { "linkerd.io/extension": "viz" }),
  pod("shop", "report-1", {}, "Succeeded"),
];

/** A request that satisfies every condition, and what it does. */
function request(changes: Partial<RotationRequest> = {}, pods: object[] = ownPods, external: object[] = []) {
  const events: string[] = [];
  const given: RotationRequest = {
    project: {
      readCertificates: async () => undefined,
      configure: async () => void events.push("configure"),
      expectNoChanges: async () => void events.push("preview"),
      up: async () => void events.push("up"),
    },
    cluster: {
      get: async (path) => {
        const items = path.startsWith("/api/v1/pods?") ? pods : external;
        return { status: 200, body: JSON.stringify({ items }) };
      },
    },
    mesh: {
      namespace: "mesh",
      vizNamespace: "mesh-viz",
      trustRootsPem: anchor.certPem,
      stack: stackWith(anchor),
    },
    confirm: async () => {
      events.push("confirm");
      return true;
    },
    ...changes,
  };
  return { given, events };
}

const stackWith = ({ certPem }: TestCertificate) => ({
  stack: "prod",
  ref: { linkerdVersion: "edge-26.8.3", trustBundleSha256: "" },
  injection: "policy" as const,
  trustBundlePem: certPem,
  certificates: [],
});

describe("the preparation of a rotation", () => {
  test("a rotation is confirmed after all checks, and changes nothing before its first step", async () => {
    const { given, events } = request();
    expect(await prepareRotation(given)).toMatchObject({ from: 1, to: 2 });
    expect(events).toEqual(["preview", "confirm"]);
  });

  test("the confirmation states the generations, the restarts, and that the change remains", async () => {
    let text = "";
    const { given } = request({
      confirm: async (shown) => {
        text = shown;
        return true;
      },
    });
    await prepareRotation(given);
    expect(text).toContain("from generation 1 to 2");
    expect(text).toContain("The change remains: commit the settings file");
    expect(text).toContain("pulumi stack export --stack prod");
  });

  test("a rotation that the operator declines is an error", async () => {
    const { given, events } = request({ confirm: async () => false });
    await expect(prepareRotation(given)).rejects.toThrow("Nothing was changed");
    expect(events).toEqual(["preview"]);
  });

  test.each<[string, object, string]>([
    ["a pod of another namespace", pod("shop", "web-1"), "shop/web-1"],
    ["a pod in the mesh's namespace that no chart created", pod("mesh", "grafana-1"), "mesh/grafana-1"],
    ["a pod in viz's namespace that no chart created", pod("mesh-viz", "grafana-1"), "mesh-viz/grafana-1"],
  ])("%s that is meshed is named, and nothing is changed", async (_, foreign, name) => {
    const { given, events } = request({}, [...ownPods, foreign]);
    await expect(prepareRotation(given)).rejects.toThrow(
      `must run in a mesh without other workloads, got 1: ${name}.`,
    );
    expect(events).toEqual([]);
  });

  test("a workload outside the cluster is named", async () => {
    const { given } = request({}, ownPods, [pod("vms", "legacy")]);
    await expect(prepareRotation(given)).rejects.toThrow("got 1: vms/legacy (ExternalWorkload).");
  });

  test("only the first ten of many workloads are named", async () => {
    const { given } = request(
      {},
      Array.from({ length: 12 }, (_, index) => pod("shop", `web-${index}`)),
    );
    await expect(prepareRotation(given)).rejects.toThrow(/got 12: .* and 2 more\./);
  });

  test("a cluster whose workloads cannot be listed is an error", async () => {
    const { given } = request({ cluster: { get: async () => ({ status: 403, body: "" }) } });
    await expect(prepareRotation(given)).rejects.toThrow("the API server answers 403");
  });

  test("the cluster of another mesh than that of the stack is rejected", async () => {
    const { given, events } = request();
    const mesh = { ...given.mesh, stack: stackWith(otherAnchor) };
    await expect(prepareRotation({ ...given, mesh })).rejects.toThrow(
      "--rotation: must run in the cluster of the stack prod, got a cluster with other trust anchors",
    );
    expect(events).toEqual([]);
  });

  test("all issues are reported at once", async () => {
    const { given } = request({}, [pod("shop", "web-1")]);
    const project = { ...given.project, readCertificates: async () => ({ trustAnchors: [1, 2] }) };
    await expect(prepareRotation({ ...given, project })).rejects.toThrow(
      /^certificates\.trustAnchors: .*\n--rotation: must run in a mesh/,
    );
  });

  test("a stack with changes is rejected before the confirmation", async () => {
    const { given, events } = request();
    const project = {
      ...given.project,
      expectNoChanges: async () => {
        throw new Error("1 to update");
      },
    };
    await expect(prepareRotation({ ...given, project })).rejects.toThrow(
      "must start from a stack without changes",
    );
    expect(events).toEqual([]);
  });

  test("a mesh without a stack is rejected", async () => {
    const { given } = request();
    const mesh = { ...given.mesh, stack: undefined };
    await expect(prepareRotation({ ...given, mesh })).rejects.toThrow(
      "--rotation: must be used with --stack",
    );
  });

  test.each([
    ["another mode", { mode: "provided" }, "the mode of the certificates is provided"],
    ["encrypted settings", "secret", "the setting certificates is a secret"],
  ])("%s is a reason to skip the rotation", async (_, certificates, reason) => {
    const { given, events } = request();
    const project = { ...given.project, readCertificates: async () => certificates };
    expect(await prepareRotation({ ...given, project })).toEqual({
      skipped: expect.stringContaining(reason),
    });
    expect(events).toEqual([]);
  });
});

describe("the confirmation of a rotation", () => {
  test("without a terminal and without --yes, a rotation is rejected", () => {
    const pipe = { isTTY: false } as unknown as NodeJS.ReadStream;
    expect(() => requireConfirmation(false, pipe)).toThrow("must be confirmed on a terminal or with --yes");
    expect(() => requireConfirmation(true, pipe)).not.toThrow();
  });
});
