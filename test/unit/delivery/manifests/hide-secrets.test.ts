import { expect, test } from "vitest";
import { hideSecrets } from "../../../../delivery/manifests/drift/hide-secrets.ts";

/** The configuration of Prometheus with a password, and another field. */
const config = (password: string, image = "prometheus:1", extra: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "prometheus-config", namespace: "linkerd-viz" },
  data: { "prometheus.yml": `password: ${password}`, image },
  args: ["--password", password],
  ...extra,
});
const template = config("[secret]");

test("a secret that is the same in the cluster is not shown, and other fields stay", () => {
  const sides = { live: [config("hunter2", "edited")], rendered: [config("hunter2")] };
  const { live, rendered } = hideSecrets(sides, [template]);
  expect(JSON.stringify([live, rendered])).not.toContain("hunter2");
  expect(live).toEqual([
    {
      ...template,
      data: { "prometheus.yml": "[secret]", image: "edited" },
      args: ["--password", "[secret]"],
    },
  ]);
  expect(rendered[0]).toMatchObject({ data: { "prometheus.yml": "[secret]", image: "prometheus:1" } });
});

test("a secret that differs is a difference without its values", () => {
  const sides = { live: [config("edited")], rendered: [config("hunter2")] };
  const { live, rendered } = hideSecrets(sides, [template]);
  expect(JSON.stringify([live, rendered])).not.toMatch(/hunter2|password: edited/);
  expect(live[0]).toMatchObject({ data: { "prometheus.yml": "[another secret]" } });
  expect(rendered[0]).toMatchObject({ data: { "prometheus.yml": "[secret]" } });
});

test("a list with a secret whose length differs is hidden completely", () => {
  const sides = { live: [config("x", "prometheus:1", { args: ["hunter2"] })], rendered: [config("hunter2")] };
  const { live } = hideSecrets(sides, [template]);
  expect(live[0]).toMatchObject({ args: "[another secret]" });
});

test("objects without a secret are not changed", () => {
  const sides = { live: [config("a")], rendered: [config("b")] };
  expect(hideSecrets(sides, [])).toEqual(sides);
});
