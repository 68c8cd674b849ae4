/**
 * Injection by label where the API server has no admission policies for it (Kubernetes before 1.36): the
 * injector is called for labelled pods only, so that the annotation can go onto whole namespaces.
 */

const LABEL = "linkerd.io/inject";

/** Values that make it so. Of linkerd-control-plane: */
export const INJECT_LABELED_PODS = {
  proxyInjector: {
    objectSelector: {
      matchExpressions: [
        // Upstream's own two: a list is replaced whole (linkerd-control-plane, values.yaml, `proxyInjector`).
        { key: "linkerd.io/control-plane-component", operator: "DoesNotExist" },
        { key: "linkerd.io/cni-resource", operator: "DoesNotExist" },
        { key: LABEL, operator: "In", values: ["enabled", "ingress"] },
      ],
    },
  },
};

/** Of linkerd-viz, whose pods bear the annotation already and would be passed over without the label. */
export const LABELLED_VIZ = { podLabels: { [LABEL]: "enabled" } };
