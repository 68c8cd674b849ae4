import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { ServiceMesh } from "../../../components/service-mesh.ts";
import type { ServiceMeshArgs } from "../../../components/service-mesh-args.ts";
import { register } from "../../support/mocks.ts";

/** The namespaces in which a mesh lets someone scrape its proxies, with the names of their ServiceAccounts. */
async function findScrapers(args: ServiceMeshArgs) {
  const { resources } = await register(() => new ServiceMesh("m", args));
  return resources
    .map(({ inputs }) => inputs)
    .filter(
      ({ kind, metadata }) => kind === "MeshTLSAuthentication" && metadata.name === "linkerd-mesh-scrapes",
    )
    .map(({ metadata, spec }) => [
      metadata.namespace,
      spec.identityRefs.map(({ name }: { name: string }) => name),
    ]);
}

test("with the inbound policy deny, viz's Prometheus may scrape the proxies of viz itself", async () => {
  expect(await findScrapers({ defaultInboundPolicy: "deny", vizNamespace: "viz" })).toEqual([
    ["viz", ["prometheus"]],
  ]);
});

test.for<[string, ServiceMeshArgs]>([
  ["an inbound policy in an Output", { defaultInboundPolicy: pulumi.output("deny" as const) }],
  [
    "an external Prometheus",
    { defaultInboundPolicy: "deny", monitoring: { external: { url: "http://p.m:9090" } } },
  ],
])("with %s, there are no policies for the proxies of viz", async ([, args]) => {
  expect(await findScrapers(args)).toEqual([]);
});

test("the policies for the proxies of viz are created after the control plane, which validates them", async () => {
  const { find } = await register(() => new ServiceMesh("m", { defaultInboundPolicy: "deny" }));
  for (const name of ["m-viz-scrapers", "m-viz-scrapes", "m-viz-scraped-proxies"]) {
    expect(find(name).dependsOn, name).toContain("m-control-plane-release");
  }
});
