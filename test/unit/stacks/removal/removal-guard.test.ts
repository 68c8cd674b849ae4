import { expect, test } from "vitest";
import { inUseIssue } from "../../../../stacks/removal/removal-guard.ts";

const namespaces = { namespace: "linkerd", vizNamespace: "linkerd-viz" };
const pods = (count: number) => Array.from({ length: count }, (_, index) => `shop/web-${index}`);

test("the removal of a mesh in use is rejected with the pods, the command that lists them, and the setting to change", () => {
  expect(inUseIssue(pods(2), namespaces)).toBe(
    "linkerd-mesh:preventDestroyInUse: the mesh is in use by 2 pods: shop/web-0, shop/web-1. List them with: " +
      "kubectl get pods -A -l linkerd.io/control-plane-ns=linkerd --field-selector 'metadata.namespace!=linkerd," +
      "metadata.namespace!=linkerd-viz,status.phase!=Succeeded,status.phase!=Failed'. " +
      "Fix: take them out of the mesh (docs/removal.md), or pulumi config set preventDestroyInUse false",
  );
  expect(inUseIssue(pods(1), namespaces)).toContain("in use by 1 pod: shop/web-0.");
});

test("a message about the removal of a mesh in use names ten pods and the number of the others", () => {
  expect(inUseIssue(pods(12), namespaces)).toContain("in use by 12 pods: ");
  expect(inUseIssue(pods(12), namespaces)).toContain("shop/web-9 and 2 more.");
});
