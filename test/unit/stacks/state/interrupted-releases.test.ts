import { expect, test } from "vitest";
import { interruptedReleaseWarnings } from "../../../../stacks/state/interrupted-releases.ts";

const release = (status?: string) => ({
  linkerd: {
    type: "kubernetes:helm.sh/v3:Release",
    outputs: { name: "linkerd-control-plane", status: status && { status } },
  },
});

test.each(["pending-install", "pending-upgrade", "pending-rollback", "uninstalling"])(
  "a release with status %s in the state causes a warning with the commands that recover it",
  (status) => {
    const [warning, ...others] = interruptedReleaseWarnings(release(status));
    expect(warning).toMatch(
      new RegExp(
        `^Helm release linkerd-control-plane: its last operation was interrupted with status ${status}, and .* Fix: kubectl `,
      ),
    );
    expect(warning).toContain("kubectl delete secrets -A -l owner=helm,name=linkerd-control-plane");
    expect(others).toEqual([]);
  },
);

test.each(["deployed", "failed", undefined])(
  "a release with status %s causes no warning, because the next up completes it",
  (status) => {
    expect(interruptedReleaseWarnings(release(status))).toEqual([]);
  },
);

test("another resource with the status of an interrupted release causes no warning", () => {
  const outputs = { name: "linkerd", status: { status: "pending-upgrade" } };
  expect(interruptedReleaseWarnings({ other: { type: "kubernetes:core/v1:Namespace", outputs } })).toEqual(
    [],
  );
});
