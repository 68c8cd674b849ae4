/** The life of a production mesh: installation, settings, an upgrade, a rotation, another source of certificates, removal. */
import { makeIdentity } from "../../support/pem.ts";
import type { Recorder } from "../recorder.ts";

/** Name and settings of the stack. */
export const STACK = "prod";
export const SETTINGS = { viz: false, highAvailability: true };
/** Settings of the recordings that a test repeats. */
export const ONE_SETTING = { proxy: { logLevel: "warn" } };
export const ROTATION_TRUST = { certificates: { mode: "generated", trustAnchors: [1, 2] } };

const generated = (certificates: object) => ({ certificates: { mode: "generated", ...certificates } });

export async function recordMesh(recorder: Recorder): Promise<void> {
  const open = (settings: object = {}) => recorder.openMesh(STACK, { ...SETTINGS, ...settings });
  const preview = async (name: string, settings?: object) => {
    const stack = await open(settings);
    await recorder.record(name, (options) => stack.preview(options));
  };
  const previewAndUp = async (name: string, settings?: object) => {
    await preview(name, settings);
    await (await open(settings)).up();
  };

  const before = { chartVersion: recorder.earlierVersion };
  await preview("fresh-install", before);
  const stack = await open(before);
  await recorder.record("fresh-install-up", (options) => stack.up(options));
  await preview("no-change", before);
  await previewAndUp("upgrade");
  await preview("injection-off", { injection: "off" });
  await preview("gateway-api-off", { installGatewayApi: false });
  await preview("one-setting-prod", ONE_SETTING);
  await (await open({ proxy: { memoryLimit: "300Mi" } })).up();
  await previewAndUp("removed-setting");
  await previewAndUp("rotation-trust", ROTATION_TRUST);
  await previewAndUp("rotation-sign", generated({ trustAnchors: [1, 2], issuingAnchor: 2 }));
  await previewAndUp("rotation-retire", generated({ trustAnchors: [2] }));
  await preview("replaced-anchor", generated({ trustAnchors: [3], acceptTrustAnchorOutage: true }));
  await preview("cert-manager", { certificates: { mode: "certManager", acceptTrustAnchorOutage: true } });
  await previewWithProvidedCertificates(recorder, open);
  await (await open(generated({ trustAnchors: [2], protect: true }))).up();
  const unprotected = await open(
    generated({ trustAnchors: [3], acceptTrustAnchorOutage: true, protect: true }),
  );
  await recorder.recordFailure("protected-anchor", (options) => unprotected.preview(options));
  const guarded = await open(generated({ trustAnchors: [2], protect: true }));
  await recorder.recordFailure("destroy-refused", (options) =>
    guarded.previewDestroy({ ...options, runProgram: true }),
  );
  const removed = await open(generated({ trustAnchors: [2] }));
  await removed.up();
  await recorder.record("destroy", (options) => removed.previewDestroy(options));
}

async function previewWithProvidedCertificates(
  recorder: Recorder,
  open: (settings: object) => ReturnType<Recorder["openMesh"]>,
): Promise<void> {
  const { anchor, issuer } = await makeIdentity();
  const certificates = {
    mode: "provided",
    trustAnchors: anchor.certPem,
    issuer: { certificate: issuer.certPem },
    acceptTrustAnchorOutage: true,
  };
  const stack = await open({ certificates });
  await stack.setConfig("certificates.issuer.key", { value: issuer.keyPem, secret: true }, true);
  await recorder.record("certificates-provided", (options) => stack.preview(options));
}
