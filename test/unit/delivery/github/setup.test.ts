import { expect, test } from "vitest";
import { checkKubeconfig } from "../../../../delivery/github/jobs/check-kubeconfig.ts";
import { findMissing, type Setup } from "../../../../delivery/github/jobs/find-missing.ts";
import { planCheck, requireVersion } from "../../../../delivery/github/jobs/plan-check.ts";
import { parseStackFile, readStackFile } from "../../../../delivery/github/jobs/stack-file.ts";
import { qualifyStack } from "../../../../delivery/github/jobs/stack-name.ts";

function setUp(
  given: Partial<Omit<Setup, "secrets">> & { secrets?: string[]; file?: string } = {},
): string[] {
  const { secrets = ["PULUMI_ACCESS_TOKEN", "KUBECONFIG"], file = "config: {}\n", ...rest } = given;
  return findMissing({
    stack: "prod",
    command: "up",
    environment: "prod",
    variables: { PULUMI_ORG: "acme" },
    secrets: new Set(secrets),
    stackFile: parseStackFile(file),
    ...rest,
  });
}

const backend = { PULUMI_BACKEND_URL: "s3://acme-state?region=eu-central-1" };

test("nothing is missing with Pulumi Cloud, with OIDC, with a passphrase and with a key of a cloud", () => {
  expect(setUp()).toEqual([]);
  const oidc = {
    PULUMI_ORG: "acme",
    PULUMI_OIDC_TOKEN_TYPE: "urn:pulumi:token-type:access_token:organization",
  };
  expect(setUp({ variables: oidc, secrets: ["KUBECONFIG"] })).toEqual([]);
  expect(setUp({ variables: backend, secrets: ["PULUMI_CONFIG_PASSPHRASE", "KUBECONFIG"] })).toEqual([]);
  const file = "secretsprovider: awskms://alias/pulumi\nconfig: {}\n";
  expect(setUp({ variables: backend, secrets: ["KUBECONFIG"], file })).toEqual([]);
  expect(setUp({ command: "preview", secrets: ["PULUMI_ACCESS_TOKEN"] })).toEqual([]);
});

test("everything that is missing is reported at once, each with the command that adds it", () => {
  const issues = setUp({ variables: {}, secrets: [], stackFile: undefined });
  expect(issues).toEqual([
    expect.stringMatching(/^Pulumi\.prod\.yaml: must exist, got no file\. Fix: /),
    expect.stringMatching(/^variable PULUMI_ORG: must be .* Fix: gh variable set PULUMI_ORG/),
    expect.stringMatching(
      /^secret PULUMI_ACCESS_TOKEN: must be .* Fix: gh secret set PULUMI_ACCESS_TOKEN --env prod/,
    ),
    expect.stringMatching(
      /^secret KUBECONFIG: must be .* Fix: gh secret set KUBECONFIG --env prod < kubeconfig$/,
    ),
  ]);
});

test.each([
  [
    "a state on the runner",
    { PULUMI_BACKEND_URL: "file://~" },
    /PULUMI_BACKEND_URL: must begin with .*, got file:\/\/~\./,
  ],
  [
    "an organization of a self-managed backend",
    { ...backend, PULUMI_ORG: "acme" },
    /PULUMI_ORG: must not be set/,
  ],
  ["no passphrase", backend, /PULUMI_CONFIG_PASSPHRASE: must be set in the environment prod/],
])("%s is reported", (_name, variables, issue) => {
  expect(setUp({ variables, secrets: ["KUBECONFIG"] }).join("\n")).toMatch(issue);
});

test("a command that no step knows is reported, because the job would do nothing and succeed", () => {
  expect(setUp({ command: "apply" })).toEqual([
    expect.stringMatching(/^command: must be preview, up, drift, got "apply"\. .* Fix: /),
  ]);
});

test("the parameters of a backend's URL are not printed", () => {
  const variables = { PULUMI_BACKEND_URL: "ftp://host/?password=hunter2" };
  expect(setUp({ variables }).join("\n")).not.toContain("hunter2");
});

test("an adoption is not previewed in a workflow, because its preview reads the key of the issuer", () => {
  const file = "config:\n  linkerd-mesh:adopt: true # once\n";
  expect(setUp({ command: "preview", file })).toEqual([
    expect.stringMatching(/linkerd-mesh:adopt: must not be true/),
  ]);
  expect(setUp({ command: "up", file })).toEqual([]);
});

test("the file of a stack is read without a package", async () => {
  const file = parseStackFile(
    'secretsprovider: "gcpkms://projects/acme"\nencryptedkey: abc\nconfig:\n  kubernetes:context: staging # ours\n' +
      "  'linkerd-mesh:cni': true\n  linkerd-mesh:namespace: \"mesh\"\n  linkerd-mesh:proxy:\n    logLevel: warn,linkerd=debug\n",
  );
  expect(file.secretsProvider).toBe("gcpkms://projects/acme");
  expect(["kubernetes:context", "linkerd-mesh:cni", "linkerd-mesh:namespace"].map(file.getSetting)).toEqual([
    "staging",
    "true",
    "mesh",
  ]);
  expect(file.getSetting("secretsprovider")).toBeUndefined();
  expect((await readStackFile("prod"))?.getSetting("linkerd-mesh:highAvailability")).toBe("true");
  expect(await readStackFile("no-such-stack")).toBeUndefined();
});

test("a stack's name has the organization, if there is one", () => {
  expect(qualifyStack("prod", { PULUMI_ORG: "acme" })).toBe("acme/prod");
  expect(qualifyStack("prod", { PULUMI_ORG: "" })).toBe("prod");
});

function kubeconfig(user: string, context = "prod"): string {
  return `current-context: ${context}
contexts: [{ name: prod, context: { cluster: prod, user: admin } }]
clusters: [{ name: prod, cluster: { server: https://127.0.0.1:1 } }]
users: [{ name: admin, user: ${user} }]
`;
}

test.each(["{ token: abc }", "{ exec: { command: aws } }", "{ client-certificate-data: abc }"])(
  "a kubeconfig with the credentials %s is used",
  (user) => {
    expect(checkKubeconfig(kubeconfig(user))).toBeUndefined();
    expect(checkKubeconfig(kubeconfig(user, '""'), "prod")).toBeUndefined();
  },
);

test.each([
  ["an empty secret", "", undefined, "must be a kubeconfig, got nothing"],
  ["a text that is not YAML", "{", undefined, "must be YAML, got something else"],
  [
    "no current context",
    kubeconfig("{ token: abc }", '""'),
    undefined,
    "must have a current-context, got none",
  ],
  [
    "another context",
    kubeconfig("{ token: abc }"),
    "dev",
    'must have the context "dev", got none of that name',
  ],
  [
    "a user that would be asked for a password",
    kubeconfig("{}"),
    undefined,
    /must have credentials for the user of prod .*, got none/,
  ],
  [
    "a user that does not exist",
    kubeconfig("{ token: abc }").replace("name: admin", "name: other"),
    undefined,
    /must have credentials/,
  ],
  [
    "a cluster that does not exist",
    kubeconfig("{ token: abc }").replace("cluster: prod", "cluster: other"),
    undefined,
    "must have the cluster of prod, got none",
  ],
  ["a list", "[]", undefined, "must have a current-context, got none"],
])("a kubeconfig with %s is rejected before Pulumi uses it", (_name, text, context, issue) => {
  expect(checkKubeconfig(text, context)).toEqual(
    typeof issue === "string" ? issue : expect.stringMatching(issue),
  );
});

test("linkerd check looks at the namespace, the context and the CNI plugin of the stack", () => {
  const file =
    "config:\n  linkerd-mesh:namespace: mesh\n  linkerd-mesh:cni: true\n  kubernetes:context: prod\n";
  expect(planCheck("edge-26.8.3", parseStackFile(file)).join(" ")).toBe(
    "check --output short --wait 5m --expected-version edge-26.8.3 --linkerd-namespace mesh --linkerd-cni-enabled --context prod",
  );
  expect(planCheck("edge-26.8.3", undefined).join(" ")).toMatch(/--linkerd-namespace linkerd$/);
});

test("only a tag of Linkerd becomes a part of the URL of its CLI", () => {
  expect(requireVersion("edge-26.8.3\n")).toBe("edge-26.8.3");
  for (const version of ["", "edge-26.8.3/../../evil", "https://example.com"]) {
    expect(() => requireVersion(version)).toThrow(/^linkerdVersion: must be a release/);
  }
});
