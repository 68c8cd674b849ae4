/** Violations of the rules about charts and private keys. */
import type { TestCertificate } from "../../../support/pem.ts";
import { deployment, RELEASE, release, resource, type Violation } from "./violation.ts";

const PIN =
  "Each update may install another chart otherwise. Fix: set version to the one that is deployed: `helm list` shows it";
const HIDE = "Fix: replace the key, put the new one into a Secret, and refer to the Secret";

/** @param leaf a certificate with its key */
export function makeChartAndKeyViolations(leaf: TestCertificate): readonly Violation[] {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return [
    {
      rule: "keys-in-secrets",
      title: "a key in a ConfigMap",
      resources: [resource("kubernetes:core/v1:ConfigMap", "web", { data: { "tls.key": leaf.keyPem } })],
      messages: [
        `data["tls.key"]: must not contain a private key, got a private key. Everyone who reads the ConfigMap reads the key. ${HIDE}`,
      ],
    },
    {
      rule: "keys-in-secrets",
      title: "a key in base64 in the values of a chart",
      resources: [release({ values: { webhook: { keyPEM: base64(`# key\n${leaf.keyPem}`) } } })],
      messages: [
        `values.webhook.keyPEM: must not contain a private key, got a private key. Everyone who reads the Release reads the key. ${HIDE}`,
      ],
    },
    {
      rule: "keys-in-secrets",
      title: "a key in an environment variable",
      resources: [
        deployment(
          {},
          { containers: [{ name: "web", env: [{ name: "TLS_KEY", value: leaf.encryptedKeyPem }] }] },
        ),
      ],
      messages: [
        `spec.template.spec.containers[0].env[0].value: must not contain a private key, got a private key. Everyone who reads the Deployment reads the key. ${HIDE}`,
      ],
    },
    {
      rule: "pinned-charts",
      title: "a chart without a version",
      resources: [release({ version: null })],
      messages: [`version: must be one exact version, got nothing, which is the latest version. ${PIN}`],
    },
    ...["^1.2.0", "1.x", "latest", ">=1.0.0 <2.0.0", "1.2"].map((version) => ({
      rule: "pinned-charts",
      title: `the range ${version}`,
      resources: [release({ version })],
      messages: [`version: must be one exact version, got "${version}". ${PIN}`],
    })),
    {
      rule: "pinned-charts",
      title: "a repository without TLS",
      resources: [release({ repositoryOpts: { repo: "http://charts.example" } })],
      messages: [
        "repositoryOpts.repo: must begin with https://, got http://. Everyone on the network path can replace the chart. Fix: use the repository by https",
      ],
    },
    {
      rule: "pinned-charts",
      title: "a chart of a repository that the machine configures",
      resources: [resource(RELEASE, "web", { chart: "bitnami/redis", version: "1.2.3" })],
      messages: [
        'chart: must be a name with repositoryOpts.repo, an oci:// reference or a path that begins with ./ or /, got "bitnami/redis". Helm looks it up in the repositories that are configured on the machine, unless there is a file of this name. Fix: set repositoryOpts.repo to the repository of the chart, or begin the path of a local chart with ./',
      ],
    },
    {
      rule: "pinned-charts",
      title: "an archive by its URL",
      resources: [resource(RELEASE, "web", { chart: "https://charts.example/web-1.2.3.tgz" })],
      messages: [
        "chart: must be a name with repositoryOpts.repo, an oci:// reference or a path, got the URL of an archive. The content behind a URL has no version. Fix: set repositoryOpts.repo to the repository of the chart",
      ],
    },
    {
      rule: "pinned-charts",
      title: "development versions",
      resources: [release({ devel: true })],
      messages: [
        "devel: must not be true, got true. Helm then prefers the newest development version. Fix: remove devel",
      ],
    },
  ];
}
