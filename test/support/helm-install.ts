/** Installs Linkerd with Helm, as its guide describes. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { type ChartName, locateChart } from "../../components/linkerd/charts/charts.ts";
import { run } from "./cluster.ts";
import { makeIdentity, type TestCertificate, traditionalKey } from "./pem.ts";

/** Formats the arguments that name a chart in Helm's commands. */
export function formatChartArguments(chart: ChartName): string[] {
  const { chartSource: source, chartVersion } = inject("charts");
  const { chart: at, version, repositoryOpts } = locateChart(chart, { source, version: chartVersion });
  return [at, "--version", version, ...(repositoryOpts ? ["--repo", source] : [])];
}

/** Runs `helm install` as Linkerd's guide does. It names the CNI plugin's release `linkerd-cni`, unlike its chart. */
export async function helmInstall(
  chart: ChartName,
  namespace: string,
  values: readonly string[] = [],
  release: string = chart === "linkerd2-cni" ? "linkerd-cni" : chart,
): Promise<void> {
  const location = ["-n", namespace, "--create-namespace", "--wait"];
  await run("helm", "install", release, ...formatChartArguments(chart), ...location, ...values);
}

/** The certificates that a mesh was installed with. */
export interface HelmIdentity {
  anchor: TestCertificate;
  issuer: TestCertificate;
}

/** Formats the values of the control plane with these certificates. `directory` is for the files that Helm reads. */
export function formatControlPlaneValues(directory: string, { anchor, issuer }: HelmIdentity): string[] {
  const writePem = (name: string, text: string) => {
    const file = join(directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  return [
    `--set-file=identityTrustAnchorsPEM=${writePem("ca.crt", anchor.certPem)}`,
    `--set-file=identity.issuer.tls.crtPEM=${writePem("issuer.crt", issuer.certPem)}`,
    `--set-file=identity.issuer.tls.keyPEM=${writePem("issuer.key", traditionalKey(issuer))}`,
    "--set=clusterNetworks=127.0.0.0/8",
  ];
}

/** Installs the control plane with certificates of its own. `directory` is for the files that Helm reads. */
export async function helmInstallControlPlane(
  directory: string,
  values: readonly string[] = [],
): Promise<HelmIdentity> {
  const identity = await makeIdentity();
  await helmInstall("linkerd-control-plane", "linkerd", [
    ...formatControlPlaneValues(directory, identity),
    ...values,
  ]);
  return identity;
}
