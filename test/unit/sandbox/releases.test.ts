import { expect, test } from "vitest";
import { catalog } from "../../../sandbox/tools/catalog.ts";
import { findChecksum } from "../../../sandbox/tools/checksum.ts";
import { metricsTools } from "../../../sandbox/tools/metrics-tools.ts";
import { workflowTools } from "../../../sandbox/tools/workflow-tools.ts";

const tools = [...catalog, ...metricsTools, ...workflowTools];

const sum = "5cab590e59cfd01505e903be3ead8df24b78eefccce0c2a68e37771926c959da";
const other = "0".repeat(64);

test.each([
  ["a list of sums, as etcd and Pulumi publish", `${other}  b.tar.gz\n${sum}  a.tar.gz\n`],
  ["a list with binary markers and relative paths", `${sum} *./a.tar.gz\n`],
  ["a sum alone, as Kubernetes publishes", `${sum}\n`],
  ["GitHub's record of a release", `{"assets":[{"name":"a.tar.gz","digest":"sha256:${sum}"}]}`],
])("a published checksum is found in %s", (_form, text) => {
  expect(findChecksum(text, "a.tar.gz")).toBe(sum);
});

test.each([
  ["a list without the file", `${sum}  b.tar.gz\n`],
  ["a list of SHA-1 sums", "da39a3ee5e6b4b0d3255bfef95601890afd80709  a.tar.gz\n"],
  ["GitHub's record of a release without sums", '{"assets":[{"name":"a.tar.gz","digest":null}]}'],
])("no checksum is found in %s", (_form, text) => {
  expect(findChecksum(text, "a.tar.gz")).toBeUndefined();
});

test("every tool has a release for Linux, and every one but the Kubernetes servers has one for macOS", () => {
  for (const arch of ["amd64", "arm64"] as const) {
    const unpublished = (os: "linux" | "darwin") =>
      tools.filter((tool) => !tool.release({ os, arch })).map((tool) => tool.name);
    expect(unpublished("linux")).toEqual([]);
    expect(unpublished("darwin")).toEqual(["kube-apiserver", "kube-controller-manager", "kube-scheduler"]);
  }
});

test("every release and every checksum is fetched over HTTPS", () => {
  for (const tool of tools) {
    const release = tool.release({ os: "linux", arch: "amd64" });
    expect([release?.url, release?.sums]).toEqual([
      expect.stringMatching(/^https:/),
      expect.stringMatching(/^https:/),
    ]);
  }
});
