import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SettingSchema } from "../../../../stacks/settings/messages/setting-schema.ts";
import { settingJsonSchema } from "../../../../stacks/settings/settings-schema.ts";
import { root } from "../../../support/package.ts";

/**
 * The engine test that asserts the effect of each setting on the cluster's objects, not only on chart values: the file
 * in `test/engine`, the name of the test, and the settings that it asserts.
 */
const TESTS: readonly [file: string, test: string, ...settings: string[]][] = [
  ["mesh/every-setting", "each chart is installed with its own version and source", "charts.*"],
  [
    "mesh/every-setting",
    "all charts use the common version and source, and viz is removed",
    "chartVersion",
    "chartSource",
    "viz",
  ],
  [
    "mesh/every-setting",
    "the mesh runs in the configured namespaces, and its components know them",
    "namespace",
    "vizNamespace",
  ],
  [
    "mesh/every-setting",
    "components use the cluster domain and issue identities in the trust domain",
    "clusterDomain",
    "trustDomain",
  ],
  ["mesh/every-setting", "the control plane uses the configured cluster networks", "clusterNetworks"],
  [
    "mesh/every-setting",
    "each of two trust anchors has its own validity and algorithm",
    "generated.mode",
    "generated.validityYears.trustAnchor",
    "generated.trustAnchors",
    "generated.trustAnchors.generation",
    "generated.trustAnchors.validityYears",
    "generated.trustAnchors.algorithm",
  ],
  [
    "mesh/every-setting",
    "the second trust anchor signs the issuer, and issuer and webhook certificates are valid for the configured years",
    "generated.issuingAnchor",
    "generated.validityYears.issuer",
    "generated.validityYears.webhooks",
  ],
  [
    "lifecycle/rotation",
    "after step 1 of a rotation, only the issuing anchor is protected",
    "generated.protect",
  ],
  [
    "lifecycle/rotation",
    "a preview warns about every certificate that expires within warnWithinDays, and has no changes",
    "generated.warnWithinDays",
  ],
  [
    "lifecycle/rotation",
    "acceptTrustAnchorOutage replaces an anchor without a further confirmation",
    "generated.acceptTrustAnchorOutage",
  ],
  [
    "mesh/certificates",
    "the provided trust bundle, issuer and issuer key reach the cluster unchanged",
    "provided.mode",
    "provided.trustAnchors",
    "provided.issuer.certificate",
    "provided.issuer.key",
  ],
  ["mesh/certificates", "the API server verifies every webhook with the provided CA", "provided.webhooks.ca"],
  [
    "mesh/certificates",
    "%s has the certificate and key that are provided for it, valid for 99 years",
    ...["proxyInjector", "profileValidator", "policyValidator", "tap", "tapInjector"].map(
      (server) => `provided.webhooks.${server}.*`,
    ),
  ],
  [
    "mesh/every-setting",
    "the mesh uses the provided identity, and generated webhook certificates are valid for the configured years",
    "provided.validityYears.webhooks",
    "provided.acceptTrustAnchorOutage",
  ],
  [
    "mesh/every-setting",
    "only certificates that expire within warnWithinDays cause a warning",
    "provided.warnWithinDays",
  ],
  [
    "lifecycle/rotation",
    "a change to certManager is rejected unless the outage is accepted",
    "certManager.acceptTrustAnchorOutage",
  ],
  [
    "mesh/certificates",
    "cert-manager provides bundle, issuer and webhook Secrets, and the mesh creates none of them",
    "certManager.mode",
  ],
  [
    "mesh/certificates",
    "the mesh requests eight certificates for 100 years from cert-manager",
    "certManager.create",
  ],
  [
    "lifecycle/adoption-external-issuer",
    "an adopted mesh keeps its trust bundle, and the Secrets of cert-manager",
    "provided.issuer.external",
  ],
  [
    "mesh/external-certificates",
    "a fresh mesh uses the Secrets that someone else creates",
    "provided.webhooks.external",
  ],
  [
    "mesh/external-certificates",
    "in mode certManager, webhook certificates of someone else have the given CA",
    "certManager.webhooks.external",
    "certManager.webhooks.ca",
  ],
  [
    "mesh/certificates",
    "requested certificates have the configured namespace and validity",
    "certManager.namespace",
    "certManager.validityYears.*",
  ],
  [
    "mesh/every-setting",
    "without installGatewayApi, only the Gateway API CRD of an extra value is installed",
    "installGatewayApi",
    "extraValues.crds",
  ],
  [
    "lifecycle/removal",
    "a destroy with keepCrds keeps the CRDs and their objects, and nothing else of the mesh",
    "keepCrds",
  ],
  [
    "lifecycle/removal",
    "a destroy of a guarded mesh without --run-program deletes nothing and reports that it needs --run-program",
    "preventDestroyInUse",
  ],
  [
    "lifecycle/adoption",
    "the documented commands import a mesh that Helm installed without replacing or deleting anything",
    "adopt",
  ],
  [
    "lifecycle/ownership",
    "with useExistingNamespaces, the mesh uses an existing namespace, and destroy leaves it with its content",
    "useExistingNamespaces",
  ],
  [
    "mesh/credentials",
    "no secret setting is in state, history, backups, verbose log or Helm's records",
    "chartCredentials.username",
    "chartCredentials.password",
  ],
  ...(
    [
      ["only the controller's ServiceAccount may call the dashboard", "vizAccess.allowFrom.*"],
      [
        "the Ingress routes the host with TLS to the dashboard, through the Middleware that requires the password",
        "vizAccess.host",
        "vizAccess.ingress.*",
      ],
      ["the URL and the user are outputs, and the password is a secret output", "vizAccess.user"],
      [
        "after a change to HAProxy without TLS, the password is the same, and nothing of Traefik is left",
        "vizAccess.insecure",
      ],
      [
        "an HTTPRoute leads from a Gateway to the dashboard, with external authentication and no password",
        "vizAccess.auth",
        "vizAccess.gateway.*",
      ],
      ["with restrictPrivileges, the dashboard may neither tap nor check", "vizAccess.restrictPrivileges"],
      ["allowFrom all opens the dashboard to every pod, and authorizes no identity", "vizAccess.allowFrom"],
      ["the given groups may tap the given namespace, and the given headers are not shown", "tap.*"],
    ] as const
  ).map(([name, ...settings]): [string, string, ...string[]] => ["monitoring/viz-access", name, ...settings]),
  ["mesh/every-setting", "extra values reach viz and the CNI plugin", "extraValues.viz", "extraValues.cni"],
  [
    "mesh/every-setting",
    "proxies have the configured requests and limits and run as native sidecars",
    "proxy.cpuRequest",
    "proxy.cpuLimit",
    "proxy.memoryRequest",
    "proxy.memoryLimit",
    "proxy.nativeSidecar",
  ],
  ["mesh/every-setting", "without skipSmtp, SMTP ports are not skipped", "ports.skipSmtp"],
  [
    "mesh/production",
    "each workload of the control plane runs three replicas on three nodes",
    "highAvailability",
  ],
  ["mesh/production", "workloads run the configured number of replicas", "replicas"],
  [
    "mesh/production",
    "every image comes from the configured registry, with its pull secret",
    "imageRegistry",
    "imagePullSecrets",
  ],
  [
    "mesh/production",
    "proxies use the configured log level and run as ordinary containers",
    "proxy.logLevel",
  ],
  [
    "mesh/production",
    "the default inbound policy denies traffic that no policy allows",
    "defaultInboundPolicy",
  ],
  [
    "mesh/production",
    "the configured ports extend Linkerd's lists in the configuration of the injector and of the CNI plugin",
    "ports.skipOutbound",
    "ports.skipInbound",
    "ports.opaque",
  ],
  [
    "mesh/production",
    "the CNI plugin runs on every node, and pods of the mesh have no privileges",
    "cni",
    "networkValidatorAddress",
  ],
  [
    "mesh/production",
    "in injection mode namespace, the injector is called only for labelled pods",
    "injection",
  ],
  [
    "mesh/production",
    "a mesh without heartbeat and injection has neither of their objects, and extra values are applied",
    "heartbeat",
    "extraValues.controlPlane",
  ],
  [
    "monitoring/monitoring",
    "Grafana's sidecar finds each dashboard by its label, in the configured namespace and folder",
    "monitoring.dashboards.namespace",
    "monitoring.dashboards.label",
    "monitoring.dashboards.labelValue",
    "monitoring.dashboards.folderAnnotation",
    "monitoring.dashboards.folder",
  ],
  [
    "monitoring/monitoring",
    "viz's Prometheus mounts rules with the configured objectives, labels and runbook",
    "monitoring.alerts.successRate",
    "monitoring.alerts.latencyMs",
    "monitoring.alerts.latencyShare",
    "monitoring.alerts.minRequests",
    "monitoring.alerts.labels",
    "monitoring.alerts.runbookUrl",
    "monitoring.alerts.disabled",
  ],
  [
    "monitoring/monitoring",
    "a policy lets exactly the readers query viz's Prometheus, by their identity",
    "monitoring.prometheus.readers",
    "monitoring.prometheus.readers.*",
  ],
  [
    "monitoring/monitoring",
    "each part that is turned off leaves nothing behind, and no pod but Prometheus restarts",
    "monitoring.dashboards",
    "monitoring.alerts",
    "monitoring.grafana.url",
  ],
  [
    "monitoring/external-prometheus",
    "a mesh for the operators has PodMonitors, a PrometheusRule and GrafanaDashboards, and no Prometheus of its own",
    "monitoring.dashboards.as",
    "monitoring.external.operator",
  ],
  [
    "monitoring/external-prometheus",
    "the PrometheusRule has the alerts and the expiry of all certificates, and the labels that select it",
    "monitoring.alerts.ruleLabels",
  ],
  [
    "monitoring/external-prometheus",
    "each PodMonitor has the labels that select it, and that of the controllers names the namespace of viz",
    "monitoring.external.podMonitorLabels",
  ],
  [
    "monitoring/external-prometheus",
    "Grafana's operator finds each dashboard by the selected instances",
    "monitoring.dashboards.instanceSelector",
  ],
  [
    "monitoring/external-prometheus",
    "viz reads from the external Prometheus, and its namespace names it",
    "monitoring.external.url",
  ],
  [
    "monitoring/external-prometheus",
    "a Prometheus without an operator gets its scrapes as an output, viz reads it with the given credentials, and viz links to Grafana",
    "monitoring.external.credentialsSecret",
    "monitoring.grafana.externalUrl",
    "monitoring.grafana.uidPrefix",
  ],
  [
    "monitoring/viz-prometheus",
    "viz's Prometheus has the configured retention and volume",
    "monitoring.prometheus.retention",
    "monitoring.prometheus.volume.*",
  ],
  [
    "monitoring/viz-prometheus",
    "viz's Prometheus notifies the Alertmanagers, keeps all samples of proxies, and scrapes the team's job too",
    "monitoring.prometheus.alertmanagers",
    "monitoring.prometheus.keep",
  ],
];

/** The program cannot read the certificates that cert-manager keeps, so it cannot warn of their expiry. */
const NOWHERE = ["certManager.warnWithinDays"];

/** Every setting that has a value of its own. Those of `certificates` begin with their mode instead. */
function listSettings(schema: SettingSchema, path: string[] = []): string[] {
  // A field that contradicts another one accepts no value.
  if (Object.keys(schema).length === 0) return [];
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return alternatives.flatMap((each) => listSettings(each, path));
  if (schema.properties) {
    const mode = schema.properties.mode?.const;
    const parent = mode === undefined ? path : [String(mode)];
    return Object.entries(schema.properties).flatMap(([key, below]) => listSettings(below, [...parent, key]));
  }
  const own = path.join(".");
  return schema.items ? [own, ...listSettings(schema.items, path)] : [own];
}

const settings = [...new Set(listSettings(settingJsonSchema()))];

test("every setting has an engine test, and the list of these tests names no other", () => {
  const tested = TESTS.flatMap(([, , ...paths]) => paths);
  const isTested = (setting: string) =>
    tested.some((path) => path === setting || (path.endsWith(".*") && setting.startsWith(path.slice(0, -1))));
  expect(settings.filter((setting) => !isTested(setting))).toEqual(NOWHERE);
  const isSetting = (path: string) => settings.some((setting) => setting.startsWith(path.replace(/\*$/, "")));
  expect(tested.filter((path) => !isSetting(path))).toEqual([]);
  expect(settings.length).toBeGreaterThan(60);
});

test.each(TESTS)("the engine test file %s has the test: %s", (file, name) => {
  const text = readFileSync(join(root, "test", "engine", `${file}.test.ts`), "utf8");
  expect(text).toContain(`"${name}"`);
});
