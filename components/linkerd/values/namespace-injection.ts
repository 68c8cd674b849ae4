/**
 * Chart values for `injection: "namespace"`: namespaces have the annotation `linkerd.io/inject: enabled`, and the
 * injector is called only for pods with the label of that name. It works on Kubernetes before 1.36.
 *
 * `injection: "policy"` is a different mechanism and needs no chart value: the component `InjectionByLabel` has the
 * API server copy the label into the annotation.
 */

const LABEL = "linkerd.io/inject";

/** Values of linkerd-control-plane: the API server calls the injector only for labelled pods. */
export const INJECT_LABELED_PODS = {
  proxyInjector: {
    objectSelector: {
      matchExpressions: [
        // Upstream's own two, repeated because Helm replaces lists (linkerd-control-plane, values.yaml, `proxyInjector`).
        { key: "linkerd.io/control-plane-component", operator: "DoesNotExist" },
        { key: "linkerd.io/cni-resource", operator: "DoesNotExist" },
        { key: LABEL, operator: "In", values: ["enabled", "ingress"] },
      ],
    },
  },
};

/** Values of linkerd-viz: its pods have the annotation already, and need the label to be injected in this mode. */
export const LABEL_VIZ_PODS = { podLabels: { [LABEL]: "enabled" } };
