import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { TAKE_FIELDS_OVER } from "../linkerd/field-ownership.ts";

const NAME = "linkerd-inject-by-label";
const LABEL = "linkerd.io/inject";

/**
 * Makes the label `linkerd.io/inject: enabled` on a pod do what people expect of it.
 *
 * Linkerd's injector reads the annotation of that name only, on the pod or its namespace; a pod that bears
 * just the label is skipped. A MutatingAdmissionPolicy copies the label's value (so `disabled` counts too)
 * into the annotation where the pod has none. The API server evaluates it before it calls any webhook, so
 * there is nothing to run and nothing to be down.
 *
 * Needs Kubernetes 1.36, where `admissionregistration.k8s.io/v1` has MutatingAdmissionPolicy.
 */
export class InjectionByLabel extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:injection:InjectionByLabel", name, {}, opts);
    const policy = new k8s.admissionregistration.v1.MutatingAdmissionPolicy(
      `${name}-policy`,
      {
        metadata: { name: NAME, annotations: TAKE_FIELDS_OVER },
        spec: {
          // A pod must start even where this could not be evaluated: unmeshed is better than down.
          failurePolicy: "Ignore",
          reinvocationPolicy: "Never",
          matchConstraints: {
            resourceRules: [
              { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
            ],
            objectSelector: { matchExpressions: [{ key: LABEL, operator: "Exists" }] },
            // The namespaces that the injector leaves alone (linkerd-control-plane, values.yaml, `proxyInjector`).
            namespaceSelector: {
              matchExpressions: [
                { key: "config.linkerd.io/admission-webhooks", operator: "NotIn", values: ["disabled"] },
                {
                  key: "kubernetes.io/metadata.name",
                  operator: "NotIn",
                  values: ["kube-system", "cert-manager"],
                },
              ],
            },
          },
          matchConditions: [
            {
              name: "has-no-annotation",
              expression: `!has(object.metadata.annotations) || !("${LABEL}" in object.metadata.annotations)`,
            },
          ],
          mutations: [
            {
              patchType: "ApplyConfiguration",
              applyConfiguration: {
                expression: `Object{metadata: Object.metadata{annotations: {"${LABEL}": object.metadata.labels["${LABEL}"]}}}`,
              },
            },
          ],
        },
      },
      { parent: this },
    );
    new k8s.admissionregistration.v1.MutatingAdmissionPolicyBinding(
      `${name}-binding`,
      { metadata: { name: NAME, annotations: TAKE_FIELDS_OVER }, spec: { policyName: policy.metadata.name } },
      { parent: this },
    );
    this.registerOutputs();
  }
}
