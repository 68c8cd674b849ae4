import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CertificateSummary } from "../../../components/certificates/report.ts";
import { ServiceMesh } from "../../../components/index.ts";
import { rules } from "../../../components/observability/rules/rules.ts";
import { outputValue, register } from "../../support/mocks.ts";
import { root } from "../../support/package.ts";
import { makeCertificate, makeIdentity, makeWebhooks } from "../../support/pem.ts";
import { type FiringAlert, testRules } from "./promtool.ts";

const DAY_MS = 86_400_000;

/** A certificate that expires so many days after 1970-01-01, when the histories of promtool begin. */
function certificate(name: string, days: number): CertificateSummary {
  const notAfter = new Date(days * DAY_MS).toISOString();
  return { name, subject: "", issuer: "", algorithm: "", serial: "", notBefore: notAfter, notAfter };
}

/** The alert for a certificate that expires in so many days. */
const expires = (name: string, severity: string, days: number): FiringAlert => ({
  labels: { certificate: name, severity },
  summary: `The certificate ${name} expires in ${days}d 0h 0m 0s.`,
});

const expired = (name: string): FiringAlert => ({
  labels: { certificate: name, severity: "critical" },
  summary: `The certificate ${name} has expired.`,
});

/**
 * Tests the alerts that a stack's certificates cause on a date. The rules are evaluated in 1970, when the histories of
 * promtool begin, and on that date, because promtool takes minutes to evaluate 150 years.
 */
function testDate(certificates: readonly CertificateSummary[], date: string, firing: readonly FiringAlert[]) {
  const time = `${Date.parse(date) / DAY_MS}d`;
  return testRules(rules({ certificates }), {
    alert: "MeshCertificateExpires",
    interval: time,
    series: {},
    firing: { [time]: firing },
  });
}

describe("MeshCertificateExpires", () => {
  test("a certificate causes an alert from 90, 30 and 7 days before its expiry, each with its severity", async () => {
    await testRules(rules({ certificates: [certificate("tap", 200)] }), {
      alert: "MeshCertificateExpires",
      interval: "1d",
      series: {},
      firing: {
        "109d": [],
        "111d": [expires("tap", "info", 89)],
        "169d": [expires("tap", "info", 31)],
        "171d": [expires("tap", "warning", 29)],
        "192d": [expires("tap", "warning", 8)],
        "194d": [expires("tap", "critical", 6)],
        "201d": [expired("tap")],
      },
    });
  });

  test("the alert resolves when the stack deploys a renewed certificate, and is silent about the others", async () => {
    const others = [certificate("trust-anchor", 36_500), certificate("identity-issuer", 300)];
    const firing = { "194d": [expires("tap", "critical", 6)] };
    await testRules(rules({ certificates: [certificate("tap", 200), ...others] }), {
      alert: "MeshCertificateExpires",
      interval: "1d",
      series: {},
      firing,
    });
    await testRules(rules({ certificates: [certificate("tap", 565), ...others] }), {
      alert: "MeshCertificateExpires",
      interval: "1d",
      series: {},
      firing: { "194d": [] },
    });
  });

  test("the certificates of recorded stacks cause no alert in 2125, and each of them does in 2126", async () => {
    for (const name of ["development", "production"]) {
      const recording = JSON.parse(readFileSync(join(root, `test/recorded/0.1.0-${name}.json`), "utf8"));
      const stack = recording.deployment.deployment.resources.find(
        ({ type }: { type: string }) => type === "pulumi:pulumi:Stack",
      );
      const certificates: CertificateSummary[] = stack.outputs.certificates;
      expect(certificates.length).toBeGreaterThanOrEqual(8);
      await testDate(certificates, "2125-01-01", []);
      await testDate(certificates, "2125-12-31", []);
      await testDate(
        certificates,
        "2126-11-01",
        certificates.map((summary) => expired(summary.name)),
      );
    }
  });

  test("in 2125, the rules of a mesh report the one certificate of its output that expires in that year", async () => {
    const hoursTo = (date: string) => Math.floor((Date.parse(date) - Date.now()) / 3_600_000);
    const { anchor } = await makeIdentity();
    const issuer = await makeCertificate("identity.linkerd.cluster.local", hoursTo("2125-11-30T12:00:00Z"), {
      signer: anchor,
    });
    const webhooks = await makeWebhooks();
    const { result: mesh } = await register(
      () =>
        new ServiceMesh("m", {
          certificates: {
            mode: "provided",
            trustAnchors: anchor.certPem,
            issuer: { certificate: issuer.certPem, key: issuer.keyPem },
            webhooks,
          },
        }),
    );
    const certificates = await outputValue(mesh.certificates);
    expect(certificates).toHaveLength(8);
    await testDate(certificates, "2125-08-01", []);
    await testDate(certificates, "2125-12-01", [expired("identity-issuer")]);
  });
});

const ISSUER = 'issuer_cert_ttl_seconds{job="linkerd-controller",component="identity",instance="a:9990"}';
const OTHER_REPLICA =
  'issuer_cert_ttl_seconds{job="linkerd-controller",component="identity",instance="b:9990"}';

describe("MeshIssuerNotRenewed", () => {
  test("an issuer with less than a day left causes an alert, which resolves with its renewal", async () => {
    await testRules(rules(), {
      alert: "MeshIssuerNotRenewed",
      series: { [ISSUER]: "87000-60x60 172800-60x60", [OTHER_REPLICA]: "170000-60x120" },
      firing: {
        "10m": [],
        "20m": [],
        "21m": [{ labels: { severity: "critical" }, summary: "The identity issuer expires in 23h 49m 0s." }],
        "60m": [{ labels: { severity: "critical" }, summary: "The identity issuer expires in 23h 10m 0s." }],
        "61m": [],
      },
    });
  });

  test("an issuer that cert-manager renews with 25 hours left causes no alert", async () => {
    await testRules(rules(), {
      alert: "MeshIssuerNotRenewed",
      interval: "10m",
      series: { [ISSUER]: "172800-600x138 172800-600x138" },
      firing: { "10h": [], "22h50m": [], "23h10m": [], "46h": [] },
    });
  });
});

describe("MeshIssuerDiffers", () => {
  const certificates = [certificate("identity-issuer", 100), certificate("trust-anchor", 200)];
  const differs: FiringAlert = {
    labels: { severity: "warning" },
    summary: "The identity issuer in use is not the one that the stack deployed.",
  };

  test("an issuer with another expiry causes an alert, which resolves when the deployed issuer is loaded", async () => {
    await testRules(rules({ certificates }), {
      alert: "MeshIssuerDiffers",
      series: {
        [ISSUER]: `${50 * 86_400}-60x59 ${100 * 86_400 - 3600}-60x60`,
        [OTHER_REPLICA]: `${100 * 86_400}-60x120`,
      },
      firing: { "14m": [], "16m": [differs], "59m": [differs], "60m": [] },
    });
  });

  test("an expiry that differs by less than a day causes no alert", async () => {
    await testRules(rules({ certificates }), {
      alert: "MeshIssuerDiffers",
      series: { [ISSUER]: `${100 * 86_400 + 86_000}-60x60` },
      firing: { "30m": [], "60m": [] },
    });
  });

  test("the first certificate of an issuer with a chain is compared", async () => {
    const chain = [
      certificate("identity-issuer-1", 100),
      certificate("identity-issuer-2", 300),
      certificate("trust-anchor", 400),
    ];
    await testRules(rules({ certificates: chain }), {
      alert: "MeshIssuerDiffers",
      series: { [ISSUER]: `${100 * 86_400}-60x60` },
      firing: { "30m": [] },
    });
    await testRules(rules({ certificates: chain }), {
      alert: "MeshIssuerDiffers",
      series: { [ISSUER]: `${300 * 86_400}-60x60` },
      firing: { "30m": [differs] },
    });
  });

  test("an issuer that the stack does not manage causes no alert", async () => {
    await testRules(rules({ certificates: [certificate("trust-anchor", 200)] }), {
      alert: "MeshIssuerDiffers",
      series: { [ISSUER]: `${50 * 86_400}-60x60` },
      firing: { "30m": [] },
    });
  });
});

/** The two timestamps of a proxy's certificate, with the labels of viz's Prometheus. */
const proxy = (pod: string, expiry: string, refresh: string) => {
  const labels = `job="linkerd-proxy",namespace="shop",pod="${pod}",deployment="web",control_plane_ns="linkerd"`;
  return {
    [`control_identity_cert_expiration_timestamp_seconds{${labels}}`]: expiry,
    [`control_identity_cert_refresh_timestamp_seconds{${labels}}`]: refresh,
  };
};

describe("MeshProxyWithoutIdentity", () => {
  const without: FiringAlert = {
    labels: { namespace: "shop", pod: "web-1", severity: "warning" },
    summary: "The proxy of shop/web-1 has no identity.",
  };

  test("a proxy that gets no certificate for 5 minutes causes an alert, which resolves with the certificate", async () => {
    await testRules(rules(), {
      alert: "MeshProxyWithoutIdentity",
      series: { ...proxy("web-1", "0x20 86400x20", "0x20 1200x20"), ...proxy("web-2", "86400x40", "0x40") },
      firing: { "4m": [], "5m": [without], "20m": [without], "21m": [] },
    });
  });

  test("a proxy that gets its certificate after 3 minutes causes no alert", async () => {
    await testRules(rules(), {
      alert: "MeshProxyWithoutIdentity",
      series: proxy("web-1", "0x3 86400x20", "0x3 200x20"),
      firing: { "3m": [], "5m": [], "10m": [] },
    });
  });
});

describe("MeshProxyCertificateNotRenewed", () => {
  const notRenewed: FiringAlert = {
    labels: { namespace: "shop", pod: "web-1", severity: "critical" },
    summary: "The proxy of shop/web-1 has not renewed its certificate.",
  };

  test("a certificate of 24 hours with less than 6 left causes an alert, which resolves with its renewal", async () => {
    await testRules(rules(), {
      alert: "MeshProxyCertificateNotRenewed",
      interval: "6m",
      series: proxy("web-1", "86400x199 158400x10", "0x199 72000x10"),
      firing: { "17h": [], "18h": [], "18h12m": [notRenewed], "19h54m": [notRenewed], "20h": [] },
    });
  });

  test("a certificate that is renewed when 30% are left causes no alert, whether it is valid for a day or an hour", async () => {
    await testRules(rules(), {
      alert: "MeshProxyCertificateNotRenewed",
      interval: "6m",
      series: {
        ...proxy("day", "86400x168 147240x10", "0x168 60840x10"),
        ...proxy("hour", "3600x7 6480x7 9360x7", "0x7 2880x7 5760x7"),
      },
      firing: { "42m": [], "1h30m": [], "16h48m": [], "17h42m": [] },
    });
  });

  test("a proxy that has no certificate yet is reported by the other alert only", async () => {
    await testRules(rules(), {
      alert: "MeshProxyCertificateNotRenewed",
      series: proxy("web-1", "0x60", "0x60"),
      firing: { "10m": [], "60m": [] },
    });
  });
});
