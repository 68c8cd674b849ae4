/**
 * CRDs of the Prometheus Operator and of Grafana's operator, with the fields that the mesh writes
 * (prometheus-operator, pkg/apis/monitoring/v1; grafana-operator, api/v1beta1). The API server drops any other field, so
 * a test that reads an object back notices a misspelled one.
 */
import { client } from "./cluster.ts";

const text = { type: "string" };
const texts = { type: "array", items: text };
const flag = { type: "boolean" };
const labels = { type: "object", additionalProperties: text };
const object = (properties: object, ...required: string[]) => ({ type: "object", properties, required });
const list = (items: object) => ({ type: "array", items });

const RULE = object(
  {
    record: text,
    alert: text,
    expr: { "x-kubernetes-int-or-string": true },
    for: text,
    labels,
    annotations: labels,
  },
  "expr",
);
const RELABELING = object({
  sourceLabels: texts,
  targetLabel: text,
  regex: text,
  replacement: text,
  action: { type: "string", enum: ["keep", "drop", "replace", "labelmap", "labeldrop"] },
});
const ENDPOINT = object({
  interval: text,
  scrapeTimeout: text,
  honorTimestamps: flag,
  relabelings: list(RELABELING),
});

const DEFINITIONS: readonly [group: string, version: string, kind: string, plural: string, spec: object][] = [
  [
    "monitoring.coreos.com",
    "v1",
    "PrometheusRule",
    "prometheusrules",
    object({ groups: list(object({ name: text, interval: text, rules: list(RULE) }, "name")) }),
  ],
  [
    "monitoring.coreos.com",
    "v1",
    "PodMonitor",
    "podmonitors",
    object(
      {
        namespaceSelector: object({ any: flag, matchNames: texts }),
        selector: object({ matchLabels: labels }),
        podMetricsEndpoints: list(ENDPOINT),
      },
      "selector",
    ),
  ],
  [
    "grafana.integreatly.org",
    "v1beta1",
    "GrafanaDashboard",
    "grafanadashboards",
    object(
      {
        instanceSelector: {
          ...object({ matchLabels: labels }),
          "x-kubernetes-validations": [
            { rule: "self == oldSelf", message: "spec.instanceSelector is immutable" },
          ],
        },
        allowCrossNamespaceImport: flag,
        folder: text,
        json: text,
      },
      "instanceSelector",
    ),
  ],
];

/** Installs the CRDs. `deleteDefinitions` removes them by their groups. */
export async function installOperatorDefinitions(): Promise<void> {
  for (const [group, version, kind, plural, spec] of DEFINITIONS) {
    await client().create({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
        versions: [
          {
            name: version,
            served: true,
            storage: true,
            schema: { openAPIV3Schema: object({ spec }, "spec") },
          },
        ],
      },
    } as Parameters<ReturnType<typeof client>["create"]>[0]);
  }
}
