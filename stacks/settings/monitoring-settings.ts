/** The setting `monitoring`. `components/linkerd/values/monitoring` defines what it means and checks its values. */
import { z } from "zod";
import { DASHBOARD_CARRIERS } from "../../components/linkerd/values/monitoring/dashboards.ts";
import {
  KEPT_SAMPLES,
  VOLUME_ACCESS_MODES,
} from "../../components/linkerd/values/monitoring/viz-prometheus.ts";
import { flag, object, oneOf, setting } from "./common-schemas.ts";

const text = z.string("must be a string").optional();
const number = z.number("must be a number").optional();

/** A string. YAML turns some into a number or a boolean. */
const scalar = z.union([z.string(), z.number(), z.boolean()], "must be a string").transform(String);

const labels = z.record(z.string(), scalar, "must be an object: names and values of labels").optional();

const dashboards = object({
  namespace: setting(text, {
    description:
      "Namespace of the dashboards. It must exist. Grafana's sidecar searches its own namespace, or all of them.",
    defaultText: "viz's; required without viz",
  }),
  as: setting(oneOf(DASHBOARD_CARRIERS).optional(), {
    description:
      "`configMap` for the sidecar of Grafana's chart, or `grafanaDashboard` for [Grafana's operator](monitoring.md#with-a-plain-grafana).",
    defaultText: "`configMap`",
  }),
  label: setting(text, {
    description: "Label by which the sidecar finds ConfigMaps: its `sidecar.dashboards.label`.",
    defaultText: "`grafana_dashboard`",
  }),
  labelValue: setting(scalar.optional(), {
    description: "Value of this label: the sidecar's `sidecar.dashboards.labelValue`.",
    defaultText: '`"1"`',
  }),
  folderAnnotation: setting(text, {
    description:
      "Annotation of a ConfigMap that names the folder: the sidecar's `sidecar.dashboards.folderAnnotation`.",
    defaultText: "`grafana_folder`",
  }),
  folder: setting(text, { description: "Folder of the dashboards in Grafana.", defaultText: "`Linkerd`" }),
  instanceSelector: setting(labels, {
    description: "Labels of the Grafana resources of the operator that load the dashboards.",
    defaultText: "`{ dashboards: grafana }`",
  }),
});

const alerts = object({
  successRate: setting(number, {
    description:
      "Objective: the share of requests that succeed, from 0.95 to less than 1. [The alerts](alerts.md#meshsuccessratelow) fire when failures use up the rest too fast.",
    defaultText: "`0.99`",
  }),
  latencyMs: setting(number, {
    description:
      "Latency of a slow response in milliseconds: 1, 2 or 5 times a power of ten, from 1 to 50000.",
    defaultText: "`1000`",
  }),
  latencyShare: setting(number, {
    description: "Objective: the share of responses that are not slow, between 0 and 1.",
    defaultText: "`0.99`",
  }),
  minRequests: setting(number, {
    description: "Number of requests in the shortest window of an alert below which it does not fire.",
    defaultText: "`20`",
  }),
  labels: setting(labels, {
    description: "Labels of every alert besides `severity`, for the routes of your Alertmanager.",
    defaultText: "none",
  }),
  runbookUrl: setting(text, {
    description: "Page that explains the alerts, with one heading for each.",
    defaultText: "[docs/alerts.md](alerts.md)",
  }),
  disabled: setting(
    z
      .array(
        z.string("must be the name of an alert"),
        'must be a list of names of alerts, e.g. ["MeshPodUnmeshed"]',
      )
      .optional(),
    { description: "Names of [alerts](alerts.md) to leave out.", defaultText: "none" },
  ),
  ruleLabels: setting(labels, {
    description:
      "Labels of the PrometheusRule, by which the operator's Prometheus selects it. With `external.operator` only.",
    defaultText: "none",
  }),
});

const volume = object({
  size: setting(z.union([z.string(), z.number()], "must be a string").transform(String), {
    description: "Size of the volume, e.g. `20Gi`. It can't be reduced.",
    defaultText: "required",
  }),
  storageClass: setting(text, {
    description: "StorageClass of the volume. It can't be changed.",
    defaultText: "the cluster's default",
  }),
  accessMode: setting(oneOf(VOLUME_ACCESS_MODES).optional(), {
    description: "How nodes mount the volume. It can't be changed.",
    defaultText: "`ReadWriteOnce`",
  }),
});

const reader = object({
  namespace: z.string("must be a string"),
  serviceAccount: z.string("must be a string"),
});

const prometheus = object({
  retention: setting(text, {
    description:
      "How long viz's Prometheus keeps samples, e.g. `15d`. [Alerts need `6h` or more](monitoring.md#how-long-viz-keeps-history).",
    defaultText: "`6h`",
    chartValues: { viz: ["prometheus.args.storage\\.tsdb\\.retention\\.time"] },
  }),
  volume: setting(volume.optional(), {
    description: "Volume for the samples. Without it, they are lost when the pod moves.",
    defaultText: "none",
    chartValues: { viz: ["prometheus.persistence"] },
  }),
  alertmanagers: setting(
    z
      .array(
        z.string("must be a string"),
        'must be a list of addresses, e.g. ["alertmanager.monitoring.svc:9093"]',
      )
      .optional(),
    {
      description: "Alertmanagers to notify, each as `<host>:<port>`. Without one, nobody is notified.",
      defaultText: "none",
      chartValues: { viz: ["prometheus.alertmanagers"] },
    },
  ),
  keep: setting(oneOf(KEPT_SAMPLES).optional(), {
    description:
      "`used`: keep those samples of proxies that dashboards, alerts and viz use. `all`: keep all of them.",
    defaultText: "`used`",
  }),
  readers: setting(
    z
      .array(reader, 'must be a list, e.g. [{ namespace: "monitoring", serviceAccount: "grafana" }]')
      .optional(),
    {
      description:
        "ServiceAccounts that may query it, each with `namespace` and `serviceAccount`: Grafana's, for example. Their pods must be meshed.",
      defaultText: "none",
    },
  ),
});

const external = object({
  url: setting(text, {
    description: "URL from which viz reads, without credentials. Required with viz.",
    defaultText: "none",
    chartValues: { viz: ["prometheus.enabled", "prometheusUrl"] },
  }),
  credentialsSecret: setting(text, {
    description: "Secret in viz's namespace with the keys `user` and `password`, with which viz reads.",
    defaultText: "none",
    chartValues: { viz: ["prometheusCredsSecret"] },
  }),
  operator: setting(flag.optional(), {
    description:
      "Create PodMonitors and a PrometheusRule for the [Prometheus Operator](monitoring.md#with-kube-prometheus-stack). Otherwise, the output `scrapeConfig` has the jobs for your Prometheus.",
    defaultText: "`false`",
    chartValues: {
      controlPlane: ["podMonitor.enabled", "podMonitor.controller.namespaceSelector"],
    },
  }),
  podMonitorLabels: setting(labels, {
    description:
      "Labels of the PodMonitors, by which the operator's Prometheus selects them. With `operator` only.",
    defaultText: "none",
    chartValues: { controlPlane: ["podMonitor.labels"] },
  }),
});

const grafana = object({
  url: setting(text, {
    description:
      "`<host>:<port>` of a Grafana in the cluster that serves from the sub-path `/grafana`. The viz dashboard passes requests on to it.",
    defaultText: "none",
    chartValues: { viz: ["grafana.url"] },
  }),
  externalUrl: setting(text, {
    description: "URL of a Grafana that browsers reach by themselves. Instead of `url`.",
    defaultText: "none",
    chartValues: { viz: ["grafana.externalUrl"] },
  }),
  uidPrefix: setting(text, {
    description: "Prefix of the UIDs of the dashboards that viz links to. With `externalUrl` only.",
    defaultText: "none",
    chartValues: { viz: ["grafana.uidPrefix"] },
  }),
});

/** Options, or `false` for nothing. */
function optional<Options extends z.ZodType>(options: Options) {
  return z.union([z.literal(false), options], "must be an object or false").optional();
}

/** The setting with its default. */
export const monitoringShape = {
  monitoring: setting(
    object({
      dashboards: setting(optional(dashboards), {
        description: "[Dashboards](monitoring.md) for Grafana. `false` for none.",
        defaultText: "on with viz",
      }),
      alerts: setting(optional(alerts), {
        description: "[Alerts](alerts.md) for Prometheus. `false` for none.",
        defaultText: "on where viz's Prometheus or the operator evaluates them",
      }),
      prometheus: setting(prometheus.optional(), {
        description: "The Prometheus that viz installs. Not with `monitoring.external`.",
        defaultText: "the chart's",
      }),
      external: setting(external.optional(), {
        description: "A Prometheus that exists already, instead of viz's own.",
        defaultText: "none",
      }),
      grafana: setting(grafana.optional(), {
        description: "The Grafana that the viz dashboard links to: `url` or `externalUrl`.",
        defaultText: "none",
      }),
    }).default({}),
    {
      description:
        "[Dashboards and alerts](monitoring.md), and the Prometheus and Grafana that they are for.",
      table: "monitoring",
    },
  ),
};
