/** Adoption of a mesh that Helm installed with the commands of Linkerd's guide. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ChartName, locateChart } from "../../../components/linkerd/charts/charts.ts";
import { makeIdentity, traditionalKey } from "../../support/pem.ts";
import type { Recorder } from "../recorder.ts";

/**
 * Records the preview of an adoption. Helm's values contain the issuer's key, and the provider reads them into the events.
 * The key exists for this recording only.
 */
export async function recordAdoption(recorder: Recorder): Promise<void> {
  const { anchor, issuer } = await makeIdentity();
  const writePem = (name: string, text: string) => {
    const file = join(recorder.engine.directory, "..", name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  await install(recorder, "linkerd-crds", "--set=installGatewayAPI=true");
  await install(
    recorder,
    "linkerd-control-plane",
    `--set-file=identityTrustAnchorsPEM=${writePem("ca.crt", anchor.certPem)}`,
    `--set-file=identity.issuer.tls.crtPEM=${writePem("issuer.crt", issuer.certPem)}`,
    `--set-file=identity.issuer.tls.keyPEM=${writePem("issuer.key", traditionalKey(issuer))}`,
    "--set=clusterNetworks=127.0.0.0/8",
  );
  const certificates = {
    mode: "provided",
    trustAnchors: anchor.certPem,
    issuer: { certificate: issuer.certPem },
  };
  const stack = await recorder.openMesh("prod", { viz: false, adopt: true, keepCrds: true, certificates });
  // In another form than in Helm's values: the engine hides a text that equals a secret setting, and no other.
  await stack.setConfig("certificates.issuer.key", { value: issuer.keyPem, secret: true }, true);
  await recorder.record("adopt", (options) => stack.preview(options));
}

async function install(recorder: Recorder, chart: ChartName, ...values: string[]): Promise<void> {
  const source = { source: recorder.charts, version: recorder.chartVersion };
  const { chart: at, version } = locateChart(chart, source);
  const target = ["-n", "linkerd", "--create-namespace", "--wait", "--version", version];
  await recorder.run("helm", "install", chart, at, ...target, ...values);
}
