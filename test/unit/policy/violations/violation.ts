/** Resources that violate rules, and the exact messages. */
import type { RecordedInputs } from "../../../../policy/rules/index.ts";

/** Resources and what the rules find in them. */
export interface Violation {
  readonly rule: string;
  /** Completes "the rule finds". */
  readonly title: string;
  readonly resources: readonly RecordedInputs[];
  /** Messages of the rule; no other rule finds anything. */
  readonly messages: readonly string[];
}

type Inputs = RecordedInputs["inputs"];

/** A resource without a parent and without dependencies. */
export function resource(
  type: string,
  name: string,
  inputs: Inputs,
  { parent = "", dependsOn = [] }: Partial<RecordedInputs> = {},
): RecordedInputs {
  return { type, name, parent, dependsOn, inputs };
}

/** A Deployment `web` in the namespace `shop`. */
export function deployment(annotations: Inputs, spec: Inputs = {}, kind = "Deployment"): RecordedInputs {
  return resource(`kubernetes:apps/v1:${kind}`, "web", {
    metadata: { name: "web", namespace: "shop" },
    spec: {
      template: {
        metadata: { annotations },
        spec: { containers: [{ name: "web", image: "web:1" }], ...spec },
      },
    },
  });
}

/** A namespace `shop`. */
export function namespace(annotations: Inputs): RecordedInputs {
  return resource("kubernetes:core/v1:Namespace", "shop", { metadata: { name: "shop", annotations } });
}

export const RELEASE = "kubernetes:helm.sh/v3:Release";

/** A release of the chart `web`. */
export function release(inputs: Inputs): RecordedInputs {
  return resource(RELEASE, "web", {
    chart: "web",
    version: "1.2.3",
    repositoryOpts: { repo: "https://charts.example" },
    ...inputs,
  });
}
