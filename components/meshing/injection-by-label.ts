import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ownerAnnotation } from "../inputs/owner.ts";
import { TAKE_FIELDS_OVER } from "../linkerd/field-ownership.ts";

/** The name of the policy and of its binding, of which a cluster has one. */
export const INJECTION_POLICY_NAME = "linkerd-inject-by-label";
const LABEL = "linkerd.io/inject";

/** {@link InjectionByLabel} */
export interface InjectionByLabelArgs {
  /**
   * Who manages the policy: the value of its annotation `linkerd-mesh/stack`.
   * @default no annotation
   */
  owner?: pulumi.Input<string> | undefined;
}

/**
 * Injects every pod that has the label `linkerd.io/inject: enabled`, as users expect.
 *
 * Linkerd's injector reads only the annotation of that name, on the pod or its namespace, and skips a pod that has just
 * the label. A MutatingAdmissionPolicy copies the value of the label, which may also be `disabled`, into the annotation
 * of a pod that does not have one. The API server evaluates the policy itself, before it calls any webhook, so there is
 * no additional process that has to run.
 *
 * Requires Kubernetes 1.36, where `admissionregistration.k8s.io/v1` has MutatingAdmissionPolicy.
 */
export class InjectionByLabel extends pulumi.ComponentResource {
  /** The policy that copies the label into the annotation. */
  public readonly policy: k8s.admissionregistration.v1.MutatingAdmissionPolicy;
  /** The binding that puts the policy into effect in the cluster. */
  public readonly binding: k8s.admissionregistration.v1.MutatingAdmissionPolicyBinding;

  constructor(name: string, args: InjectionByLabelArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:injection:InjectionByLabel", name, {}, opts);
    const metadata = {
      name: INJECTION_POLICY_NAME,
      annotations: { ...TAKE_FIELDS_OVER, ...ownerAnnotation(args.owner) },
    };
    this.policy = new k8s.admissionregistration.v1.MutatingAdmissionPolicy(
      `${name}-policy`,
      {
        metadata,
        spec: {
          // A pod must start even if the policy cannot be evaluated: an unmeshed pod is better than none.
          failurePolicy: "Ignore",
          reinvocationPolicy: "Never",
          matchConstraints: {
            resourceRules: [
              { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
            ],
            objectSelector: { matchExpressions: [{ key: LABEL, operator: "Exists" }] },
            // The namespaces that the injector exempts (linkerd-control-plane, values.yaml, `proxyInjector`).
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
    this.binding = new k8s.admissionregistration.v1.MutatingAdmissionPolicyBinding(
      `${name}-binding`,
      {
        metadata,
        spec: { policyName: this.policy.metadata.name },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
