import { expect, test } from "vitest";
import { ServiceMesh, type ServiceMeshArgs, ValidationError } from "../../../../components/index.ts";
import { readSettings } from "../../../../stacks/settings/read-settings.ts";
import { register } from "../../../support/mocks.ts";
import { config, findMessages, parseSettings } from "../../../support/settings.ts";

type Rejected = [what: string, settings: Record<string, unknown>, ...messages: RegExp[]];

const monitoring = (settings: Record<string, unknown>, others: Record<string, unknown> = {}) => ({
  monitoring: settings,
  ...others,
});
const dashboards = (options: object, others?: Record<string, unknown>) =>
  monitoring({ dashboards: options }, others);
const alerts = (options: unknown, others: object = {}) => monitoring({ alerts: options, ...others });
const prometheus = (options: object) => monitoring({ prometheus: options });
const PROMETHEUS = "http://prometheus.monitoring:9090";
const external = (options: object, others: object = {}) =>
  monitoring({ external: { url: PROMETHEUS, ...options }, ...others });
const grafana = (options: object) => monitoring({ grafana: options });

/** Settings that the schema rejects: types and unknown fields. */
const MALFORMED: readonly Rejected[] = [
  [
    "monitoring that is not an object",
    { monitoring: "on" },
    /^linkerd-mesh:monitoring: must be an object, got "on"\. Fix: pulumi config rm monitoring && pulumi config set --path monitoring\.<field> <value>$/,
  ],
  [
    "an unknown part of monitoring",
    monitoring({ rules: {} }),
    /monitoring\.rules: unknown field\. Known fields: dashboards, alerts, prometheus, external, grafana\. Fix: pulumi config rm --path monitoring\.rules$/,
  ],
  [
    "dashboards that are on in words",
    monitoring({ dashboards: "on" }),
    /monitoring\.dashboards: must be an object or false, got "on"\. Fix: /,
  ],
  [
    "an unknown option of dashboards",
    dashboards({ labels: {} }),
    /monitoring\.dashboards\.labels: unknown field\. Known fields: namespace, as, label, .*\. Fix: pulumi config rm --path monitoring\.dashboards\.labels$/,
  ],
  [
    "another carrier of dashboards",
    dashboards({ as: "secret" }),
    /monitoring\.dashboards\.as: must be one of "configMap", "grafanaDashboard", got "secret"\. Fix: pulumi config set --path monitoring\.dashboards\.as <value>$/,
  ],
  [
    "an objective in percent, as text",
    alerts({ successRate: "99%" }),
    /monitoring\.alerts\.successRate: must be a number, got "99%"\. Fix: /,
  ],
  [
    "one disabled alert instead of a list",
    alerts({ disabled: "MeshPodUnmeshed" }),
    /monitoring\.alerts\.disabled: must be a list of names of alerts, e\.g\. \["MeshPodUnmeshed"\], got "MeshPodUnmeshed"\. Fix: /,
  ],
  [
    "a volume without a size",
    prometheus({ volume: { storageClass: "fast" } }),
    /monitoring\.prometheus\.volume\.size: must be a string, got nothing\. Fix: pulumi config set --path monitoring\.prometheus\.volume\.size <value>$/,
  ],
  [
    "a volume that Prometheus cannot write to",
    prometheus({ volume: { size: "20Gi", accessMode: "ReadOnlyMany" } }),
    /volume\.accessMode: must be one of "ReadWriteOnce", .*, got "ReadOnlyMany"\. Fix: /,
  ],
  [
    "kept samples that are neither used nor all",
    prometheus({ keep: "some" }),
    /monitoring\.prometheus\.keep: must be one of "used", "all", got "some"\. Fix: /,
  ],
  [
    "a reader without a ServiceAccount",
    prometheus({ readers: [{ namespace: "monitoring" }] }),
    /monitoring\.prometheus\.readers\[0\]\.serviceAccount: must be a string, got nothing\. Fix: /,
  ],
  [
    "a reader by its network",
    prometheus({ readers: ["0.0.0.0/0"] }),
    /monitoring\.prometheus\.readers\[0\]: must be an object, got "0\.0\.0\.0\/0"\. Fix: /,
  ],
];

/** Settings that the components reject. */
const INVALID: readonly Rejected[] = [
  // Dashboards
  [
    "dashboards in the form of a namespaced name",
    dashboards({ namespace: "monitoring/grafana" }),
    /^linkerd-mesh:monitoring\.dashboards\.namespace: must be the name of a namespace: .*, got "monitoring\/grafana"\. Fix: pulumi config set --path monitoring\.dashboards\.namespace <value>$/,
  ],
  [
    "dashboards without viz and without a namespace",
    dashboards({}, { viz: false }),
    /monitoring\.dashboards\.namespace: must be set without viz, got nothing\. By default, dashboards are in the namespace of viz\. Fix: pulumi config set --path monitoring\.dashboards\.namespace <value>, or pulumi config set --path monitoring\.dashboards false$/,
  ],
  [
    "a label that Kubernetes rejects",
    dashboards({ label: "grafana dashboard" }),
    /monitoring\.dashboards\.label: must be the key of a label or an annotation, .* got "grafana dashboard"\. Fix: /,
  ],
  [
    "the value of a label that Kubernetes rejects",
    dashboards({ labelValue: "-yes" }),
    /monitoring\.dashboards\.labelValue: must be the value of a label: .* got "-yes"\. Fix: /,
  ],
  [
    "an annotation that Kubernetes rejects",
    dashboards({ folderAnnotation: "k8s.grafana.com/" }),
    /monitoring\.dashboards\.folderAnnotation: must be the key of a label or an annotation, .* Fix: /,
  ],
  [
    "a folder without a name",
    dashboards({ folder: " " }),
    /monitoring\.dashboards\.folder: must be a name that is not empty, got " "\. Fix: /,
  ],
  [
    "an operator's selector for ConfigMaps",
    dashboards({ instanceSelector: { dashboards: "grafana" } }),
    /monitoring\.dashboards\.instanceSelector: must not be set unless as is "grafanaDashboard"\. .* Fix: pulumi config rm --path monitoring\.dashboards\.instanceSelector, or pulumi config set --path monitoring\.dashboards\.as grafanaDashboard$/,
  ],
  [
    "a sidecar's label for the operator",
    dashboards({ as: "grafanaDashboard", label: "grafana_dashboard" }),
    /monitoring\.dashboards\.label: must not be set with as: "grafanaDashboard"\. Grafana's operator finds .* Fix: pulumi config rm /,
  ],
  [
    "an invalid label in the operator's selector",
    dashboards({ as: "grafanaDashboard", instanceSelector: { "dash boards": "grafana" } }),
    /monitoring\.dashboards\.instanceSelector\["dash boards"\]: must be named as a label of Kubernetes, .* Fix: pulumi config rm /,
  ],
  // Alerts
  [
    "alerts that nothing evaluates",
    external({}, { alerts: {} }),
    /monitoring\.alerts: must be false with monitoring\.external, unless monitoring\.external\.operator is true\. Nothing would evaluate the alerts\. .* Fix: pulumi config set --path monitoring\.alerts false, or pulumi config set --path monitoring\.external\.operator true$/,
  ],
  [
    "alerts without viz",
    monitoring({ alerts: {} }, { viz: false }),
    /monitoring\.alerts: must be false without viz, unless monitoring\.external\.operator is true\. .* Fix: /,
  ],
  [
    "a latency that is not a bucket bound",
    alerts({ latencyMs: 250 }),
    /monitoring\.alerts\.latencyMs: must be a latency that Prometheus counts: .*, got 250\. .* Fix: pulumi config set --path monitoring\.alerts\.latencyMs 200, or pulumi config set --path monitoring\.alerts\.latencyMs 500$/,
  ],
  [
    "an objective that no burn rate exceeds",
    alerts({ successRate: 0.9 }),
    /monitoring\.alerts\.successRate: must be a number from 0\.95 to less than 1, got 0\.9\. .* Fix: /,
  ],
  [
    "a share of fast responses in percent",
    alerts({ latencyShare: 99 }),
    /monitoring\.alerts\.latencyShare: must be a number between 0 and 1, got 99\. Fix: /,
  ],
  [
    "half a request",
    alerts({ minRequests: 0.5 }),
    /monitoring\.alerts\.minRequests: must be an integer of 1 or more, got 0\.5\. Fix: /,
  ],
  [
    "a label that every alert has",
    alerts({ labels: { severity: "page" } }),
    /monitoring\.alerts\.labels\.severity: must not be alertname or severity\. .* Fix: pulumi config rm --path monitoring\.alerts\.labels\.severity$/,
  ],
  [
    "a label that Prometheus rejects",
    alerts({ labels: { "team-name": "platform" } }),
    /monitoring\.alerts\.labels\.team-name: must be the name of a Prometheus label: .* got "team-name"\. Fix: /,
  ],
  [
    "a page of runbooks with a fragment",
    alerts({ runbookUrl: "https://wiki.example.com/#alerts" }),
    /monitoring\.alerts\.runbookUrl: must be an http or https URL without credentials and without a fragment\. .* Fix: /,
  ],
  [
    "a disabled alert that does not exist",
    alerts({ disabled: ["MeshTooSlow"] }),
    /monitoring\.alerts\.disabled\[0\]: must be the name of an alert, got "MeshTooSlow"\. Known alerts: .* Fix: /,
  ],
  [
    "labels of a PrometheusRule for viz's Prometheus",
    alerts({ ruleLabels: { release: "prometheus" } }),
    /monitoring\.alerts\.ruleLabels: must not be set without monitoring\.external\.operator\. .* Fix: pulumi config rm /,
  ],
  [
    "an invalid label of the PrometheusRule",
    external({ operator: true }, { alerts: { ruleLabels: { release: "kube prometheus" } } }),
    /monitoring\.alerts\.ruleLabels\.release: must be the value of a label: .* got "kube prometheus"\. Fix: /,
  ],
  // viz's Prometheus
  [
    "a retention that is shorter than the windows of the alerts",
    prometheus({ retention: "2h" }),
    /monitoring\.prometheus\.retention: must be a duration of 6h or more, got "2h"\. A burn rate .* Fix: pulumi config set --path monitoring\.prometheus\.retention 6h, or pulumi config set --path monitoring\.alerts false$/,
  ],
  [
    "a retention that is not a duration, without alerts",
    monitoring({ alerts: false, prometheus: { retention: "6 hours" } }),
    /monitoring\.prometheus\.retention: must be a duration of Prometheus, e\.g\. "6h" or "15d", got "6 hours"\. Fix: /,
  ],
  [
    "a volume of 20 bytes",
    prometheus({ volume: { size: 20 } }),
    /monitoring\.prometheus\.volume\.size: must be a Kubernetes quantity of bytes with a unit, e\.g\. "20Gi", got "20"\. Fix: /,
  ],
  [
    "a StorageClass in capitals",
    prometheus({ volume: { size: "20Gi", storageClass: "Fast" } }),
    /monitoring\.prometheus\.volume\.storageClass: must be the name of a StorageClass, got "Fast"\. Fix: /,
  ],
  [
    "an Alertmanager with a scheme",
    prometheus({ alertmanagers: ["http://alertmanager.monitoring.svc:9093"] }),
    /monitoring\.prometheus\.alertmanagers\[0\]: must be a host and a port without a scheme, .* got "http:\/\/alertmanager\.monitoring\.svc:9093"\. Fix: /,
  ],
  [
    "an Alertmanager without a port",
    prometheus({ alertmanagers: ["alertmanager.monitoring.svc"] }),
    /alertmanagers\[0\]: must be a host and a port .* got "alertmanager\.monitoring\.svc"\. Fix: /,
  ],
  [
    "an Alertmanager with a port above 65535",
    prometheus({ alertmanagers: ["alertmanager:90930"] }),
    /alertmanagers\[0\]: must be a host and a port .* got "alertmanager:90930"\. Fix: /,
  ],
  [
    "an Alertmanager with credentials",
    prometheus({ alertmanagers: ["robot:hunter2@alertmanager:9093"] }),
    /alertmanagers\[0\]: must be a host and a port without a scheme, .* got an address with credentials\. Fix: /,
  ],
  [
    "an Alertmanager twice",
    prometheus({ alertmanagers: ["alertmanager:9093", "alertmanager:9093"] }),
    /alertmanagers\[1\]: must not be listed twice, got "alertmanager:9093"\. Fix: pulumi config rm /,
  ],
  [
    "a reader in all namespaces",
    prometheus({ readers: [{ namespace: "*", serviceAccount: "grafana" }] }),
    /monitoring\.prometheus\.readers\[0\]\.namespace: must be the name of a namespace, got "\*"\. Fix: /,
  ],
  [
    "every ServiceAccount as a reader",
    prometheus({ readers: [{ namespace: "monitoring", serviceAccount: "*" }] }),
    /readers\[0\]\.serviceAccount: must be the name of a ServiceAccount, got "\*"\. Linkerd authorizes readers by .* Fix: /,
  ],
  [
    "a reader twice",
    prometheus({
      readers: [
        { namespace: "monitoring", serviceAccount: "grafana" },
        { serviceAccount: "grafana", namespace: "monitoring" },
      ],
    }),
    /monitoring\.prometheus\.readers\[1\]: must not be listed twice\. Fix: pulumi config rm --path 'monitoring\.prometheus\.readers\[1\]'$/,
  ],
  [
    "viz's Prometheus without viz",
    monitoring({ prometheus: {} }, { viz: false }),
    /monitoring\.prometheus: must not be set without viz\. The chart linkerd-viz is not installed\. Fix: pulumi config rm --path monitoring\.prometheus, or pulumi config set viz true$/,
  ],
  [
    "viz's Prometheus beside another one",
    external({}, { prometheus: { retention: "15d" } }),
    /monitoring\.prometheus: must not be set with monitoring\.external\. viz then installs no Prometheus\. Fix: pulumi config rm --path monitoring\.prometheus$/,
  ],
  [
    "a list of kept samples among the extra values",
    { extraValues: { viz: { prometheus: { metricRelabelConfigs: [] } } } },
    /extraValues\.viz\.prometheus\.metricRelabelConfigs: must not be set unless monitoring\.prometheus\.keep is "all"\. .* Fix: pulumi config set --path monitoring\.prometheus\.keep all, or pulumi config rm /,
  ],
  [
    "the retention among the extra values",
    { extraValues: { viz: { prometheus: { args: { "storage.tsdb.retention.time": "15d" } } } } },
    /extraValues\.viz\.prometheus\.args\["storage\.tsdb\.retention\.time"\]: must be set with monitoring\.prometheus\.retention instead, got "15d"\. Fix: /,
  ],
  // An external Prometheus
  [
    "an external Prometheus without a URL",
    monitoring({ external: { operator: true } }),
    /monitoring\.external\.url: must be set with viz, got nothing\. viz reads its metrics from Prometheus\. Fix: pulumi config set --path monitoring\.external\.url <value>$/,
  ],
  [
    "the URL of an external Prometheus without a scheme",
    external({ url: "prometheus.monitoring:9090" }),
    /monitoring\.external\.url: must be a URL with http:\/\/ or https:\/\/, .* got "prometheus\.monitoring:9090"\. Fix: /,
  ],
  [
    "the URL of an external Prometheus with a query",
    external({ url: "http://prometheus:9090/?tenant=mesh" }),
    /monitoring\.external\.url: must be a URL with .* without a query and a fragment, .* Fix: /,
  ],
  [
    "credentials in the URL of an external Prometheus",
    external({ url: "https://robot:hunter2@prometheus.example.com" }),
    /monitoring\.external\.url: must not contain a user name and a password\. .* Fix: remove both from the URL, and set monitoring\.external\.credentialsSecret to a Secret that has them$/,
  ],
  [
    "a Secret in another namespace",
    external({ credentialsSecret: "monitoring/prometheus" }),
    /monitoring\.external\.credentialsSecret: must be the name of a Secret in viz's namespace, got "monitoring\/prometheus"\. Fix: /,
  ],
  [
    "the URL of an external Prometheus without viz",
    { ...external({ operator: true }), viz: false },
    /monitoring\.external\.url: must not be set without viz\. .* Fix: pulumi config rm --path monitoring\.external\.url, or pulumi config set viz true$/,
  ],
  [
    "labels of PodMonitors without the operator",
    external({ podMonitorLabels: { release: "prometheus" } }),
    /monitoring\.external\.podMonitorLabels: must not be set without monitoring\.external\.operator\. .* Fix: .*, or pulumi config set --path monitoring\.external\.operator true$/,
  ],
  [
    "an invalid label of PodMonitors",
    external({ operator: true, podMonitorLabels: { "a/b/c": "x" } }),
    /monitoring\.external\.podMonitorLabels\["a\/b\/c"\]: must be named as a label of Kubernetes, .* Fix: /,
  ],
  [
    "PodMonitors among the extra values",
    { extraValues: { controlPlane: { podMonitor: { enabled: true } } } },
    /extraValues\.controlPlane\.podMonitor\.enabled: must be set with monitoring\.external\.operator instead, got true\. Fix: /,
  ],
  // Grafana
  [
    "Grafana without an address",
    grafana({}),
    /monitoring\.grafana\.externalUrl: must be set unless monitoring\.grafana\.url is, got nothing\. .* Fix: pulumi config set --path monitoring\.grafana\.externalUrl <value>$/,
  ],
  [
    "a Grafana in the cluster with a scheme",
    grafana({ url: "http://grafana.monitoring:3000" }),
    /monitoring\.grafana\.url: must be a host and a port without a scheme, e\.g\. "grafana\.monitoring:3000", got .* Fix: /,
  ],
  [
    "a Grafana in the cluster and outside of it",
    grafana({ url: "grafana.monitoring:3000", externalUrl: "https://grafana.example.com" }),
    /monitoring\.grafana\.externalUrl: must not be set with monitoring\.grafana\.url\. .* Fix: pulumi config rm /,
  ],
  [
    "an external Grafana without a scheme",
    grafana({ externalUrl: "grafana.example.com" }),
    /monitoring\.grafana\.externalUrl: must be a URL with .* got "grafana\.example\.com"\. Fix: /,
  ],
  [
    "credentials in the URL of Grafana",
    grafana({ externalUrl: "https://admin:hunter2@grafana.example.com" }),
    /monitoring\.grafana\.externalUrl: must not contain a user name and a password\. .* Fix: /,
  ],
  [
    "a prefix of UIDs for a Grafana in the cluster",
    grafana({ url: "grafana.monitoring:3000", uidPrefix: "mesh-" }),
    /monitoring\.grafana\.uidPrefix: must not be set without monitoring\.grafana\.externalUrl\. .* Fix: /,
  ],
  [
    "a prefix that makes a UID too long",
    grafana({ externalUrl: "https://grafana.example.com", uidPrefix: "a".repeat(22) }),
    /monitoring\.grafana\.uidPrefix: must be 1 to 21 letters, .* Grafana accepts UIDs of at most 40 characters\. Fix: /,
  ],
  [
    "Grafana without viz",
    monitoring({ grafana: { externalUrl: "https://grafana.example.com" } }, { viz: false }),
    /monitoring\.grafana: must not be set without viz\. .* Fix: pulumi config rm --path monitoring\.grafana, or pulumi config set viz true$/,
  ],
];

const REJECTED: readonly Rejected[] = [...MALFORMED, ...INVALID];

test.each(REJECTED)(
  "settings with %s are rejected once, with the setting and a fix",
  (_, settings, ...patterns) => {
    const messages = findMessages(settings);
    expect(messages).toEqual(patterns.map((pattern) => expect.stringMatching(pattern)));
    for (const message of messages) {
      expect(message).toMatch(
        /^linkerd-mesh:(monitoring|extraValues)\S*?( .+"\])?: (must |unknown field).+\. (.+\. )?Fix: ./,
      );
      expect(message).not.toMatch(/undefined|\[object|\.\.|hunter2/);
    }
  },
);

test("a ServiceMesh with invalid settings of monitoring throws a ValidationError, and registers nothing", async () => {
  const { resources } = await register(() => {
    for (const [, settings] of INVALID) {
      const { monitoring, extraValues, viz } = readSettings(config(settings)).settings as ServiceMeshArgs;
      expect(() => new ServiceMesh("m", { monitoring, extraValues, viz })).toThrow(ValidationError);
    }
  });
  expect(resources).toEqual([]);
});

test("the tables have more than thirty different messages", () => {
  const messages = REJECTED.flatMap(([, settings]) => findMessages(settings));
  expect(new Set(messages).size).toBeGreaterThan(60);
});

test.each<[string, Record<string, unknown>]>([
  ["nothing", monitoring({})],
  ["everything off", monitoring({ dashboards: false, alerts: false })],
  ["everything off without viz", monitoring({ dashboards: false, alerts: false }, { viz: false })],
  [
    "dashboards for the operator in another namespace",
    dashboards({
      namespace: "monitoring",
      as: "grafanaDashboard",
      folder: "Mesh",
      instanceSelector: { a: "b" },
    }),
  ],
  [
    "labels of kube-prometheus-stack",
    external(
      { operator: true, podMonitorLabels: { release: "kps" } },
      { alerts: { ruleLabels: { release: "kps", "app.kubernetes.io/part-of": "" } } },
    ),
  ],
  ["only PodMonitors and alerts, without viz", monitoring({ external: { operator: true } }, { viz: false })],
  [
    "every option of viz's Prometheus",
    prometheus({
      retention: "15d",
      volume: { size: "20Gi", storageClass: "fast.example.com", accessMode: "ReadWriteOncePod" },
      alertmanagers: ["alertmanager.monitoring.svc:9093", "[fd00::1]:9093", "10.0.0.1:9093"],
      keep: "all",
      readers: [{ namespace: "monitoring", serviceAccount: "grafana" }],
    }),
  ],
  ["a short retention without alerts", monitoring({ alerts: false, prometheus: { retention: "1h" } })],
  [
    "a Prometheus below a path",
    external({ url: "https://prometheus.example.com/mesh/", credentialsSecret: "login" }),
  ],
  [
    "an external Grafana",
    grafana({ externalUrl: "https://grafana.example.com/grafana/", uidPrefix: "mesh-" }),
  ],
  [
    "relabeling among the extra values",
    {
      ...prometheus({ keep: "all" }),
      extraValues: { viz: { prometheus: { metricRelabelConfigs: [{ action: "drop" }] } } },
    },
  ],
])("settings with %s are accepted as given", (_, settings) => {
  expect(parseSettings(config(settings))).toMatchObject(settings);
  expect(findMessages(settings)).toEqual([]);
});

test("labels and sizes that YAML parses as numbers or booleans are text", () => {
  const settings = parseSettings(
    config(monitoring({ dashboards: { labelValue: 1 }, alerts: { labels: { a: true } } })),
  );
  expect(settings.monitoring).toEqual({ dashboards: { labelValue: "1" }, alerts: { labels: { a: "true" } } });
});
