import { expect, test } from "vitest";
import { catalog } from "../../../sandbox/tools/catalog.ts";
import { publishedChecksum } from "../../../sandbox/tools/checksum.ts";

const sum = "5cab590e59cfd01505e903be3ead8df24b78eefccce0c2a68e37771926c959da";
const other = "0".repeat(64);

test.each([
  ["a list of sums, as of etcd and Pulumi", `${other}  b.tar.gz\n${sum}  a.tar.gz\n`],
  ["a list with a binary mark and a relative path", `${sum} *./a.tar.gz\n`],
  ["a sum alone, as of Kubernetes", `${sum}\n`],
  ["GitHub's record of a release", `{"assets":[{"name":"a.tar.gz","digest":"sha256:${sum}"}]}`],
])("the published checksum is found in %s", (_form, text) => {
  expect(publishedChecksum(text, "a.tar.gz")).toBe(sum);
});

test.each([
  ["another file's", `${sum}  b.tar.gz\n`],
  ["one of another kind", "da39a3ee5e6b4b0d3255bfef95601890afd80709  a.tar.gz\n"],
  ["a record without sums", '{"assets":[{"name":"a.tar.gz","digest":null}]}'],
])("%s is no checksum of a file", (_what, text) => {
  expect(publishedChecksum(text, "a.tar.gz")).toBeUndefined();
});

test("every tool is published for Linux, and on a Mac all but the Kubernetes servers", () => {
  for (const arch of ["amd64", "arm64"] as const) {
    const unpublished = (os: "linux" | "darwin") =>
      catalog.filter((tool) => !tool.release({ os, arch })).map((tool) => tool.name);
    expect(unpublished("linux")).toEqual([]);
    expect(unpublished("darwin")).toEqual(["kube-apiserver", "kube-controller-manager", "kube-scheduler"]);
  }
});

test("everything is fetched over HTTPS", () => {
  for (const tool of catalog) {
    const release = tool.release({ os: "linux", arch: "amd64" });
    expect([release?.url, release?.sums]).toEqual([
      expect.stringMatching(/^https:/),
      expect.stringMatching(/^https:/),
    ]);
  }
});
