import { describe, expect, test } from "vitest";
import { unfinishedReleases } from "../../../stacks/state/interrupted-releases.ts";

const release = (status?: string) => ({
  linkerd: {
    type: "kubernetes:helm.sh/v3:Release",
    outputs: { name: "linkerd-control-plane", status: status && { status } },
  },
});

describe("a release that a refresh found", () => {
  test.each(["pending-install", "pending-upgrade", "pending-rollback", "uninstalling"])(
    "%s is told of, with the command that mends it",
    (status) => {
      const [warning, ...others] = unfinishedReleases(release(status));
      expect(warning).toContain(`The release linkerd-control-plane is ${status} in the state`);
      expect(warning).toContain("kubectl delete secrets -A -l owner=helm,name=linkerd-control-plane");
      expect(others).toEqual([]);
    },
  );

  test.each(["deployed", "failed", undefined])(
    "%s is not: the next up does what there is to do",
    (status) => {
      expect(unfinishedReleases(release(status))).toEqual([]);
    },
  );

  test("is told from other resources with a status", () => {
    const outputs = { name: "linkerd", status: { status: "pending-upgrade" } };
    expect(unfinishedReleases({ other: { type: "kubernetes:core/v1:Namespace", outputs } })).toEqual([]);
  });
});
