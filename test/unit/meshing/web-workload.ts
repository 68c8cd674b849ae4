/** A workload with two named ports, and the annotations that mesh options add to its pod template. */
import * as pulumi from "@pulumi/pulumi";
import type { MeshOptions } from "../../../components/meshing/mesh-options.ts";
import { meshed } from "../../../components/meshing/workload-kinds.ts";
import { outputValue } from "../../support/mocks.ts";

export const INJECT = "linkerd.io/inject";
export const CONFIG = "config.linkerd.io";

export const template = {
  metadata: { labels: { app: "web" } },
  spec: {
    containers: [
      {
        name: "web",
        image: "web:1",
        ports: [
          { name: "http", containerPort: 8080 },
          { name: "db", containerPort: 5433 },
        ],
      },
    ],
  },
};

export const spec = { selector: { matchLabels: { app: "web" } }, template };

/** The annotations of the pod template of a Deployment with these mesh options, without the inject annotation. */
export async function annotationsOf(
  mesh: MeshOptions,
  own: Record<string, string> = {},
): Promise<Record<string, string>> {
  const { metadata } = template;
  const args = { spec: { ...spec, template: { ...template, metadata: { ...metadata, annotations: own } } } };
  const meshedSpec = (await outputValue(
    pulumi.output(meshed("Deployment", args, mesh).spec),
  )) as typeof args.spec;
  const { [INJECT]: _, ...rest } = meshedSpec.template.metadata.annotations;
  return rest;
}

/** Annotations under Linkerd's prefix: `proxy-await` is `config.linkerd.io/proxy-await`. */
export function prefixed(annotations: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`${CONFIG}/${name}`, value]));
}
