/** The parts that are missing before a job can log in to Pulumi and to a cluster: pure checks. */
import type { StackFile } from "./stack-file.ts";

/** Commands of the workflow `pulumi.yaml`. */
const COMMANDS = ["preview", "up", "drift"] as const;
export type StackCommand = (typeof COMMANDS)[number];

/** Variables and secrets of a job. A secret is `"true"` if it has a value: the check does not read it. */
export interface Setup {
  readonly stack: string;
  /** A {@link StackCommand}. A workflow can pass any text. */
  readonly command: string;
  /** Name of the GitHub environment of the job. */
  readonly environment: string;
  /** Variables of the environment or the repository. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Names of the secrets that have a value. */
  readonly secrets: ReadonlySet<string>;
  /** `undefined` if the file does not exist. */
  readonly stackFile: StackFile | undefined;
}

/** Returns one sentence for each missing or wrong part, with the way to fix it. */
export function findMissing(setup: Setup): string[] {
  const { stack, command, environment, secrets, stackFile } = setup;
  const issues: string[] = [];
  if (!COMMANDS.some((known) => known === command)) {
    issues.push(
      `command: must be ${COMMANDS.join(", ")}, got ${JSON.stringify(command)}. The job would run no step, and succeed. Fix: ` +
        "correct `with.command` of the job that calls .github/workflows/pulumi.yaml.",
    );
  }
  if (!stackFile) {
    issues.push(
      `Pulumi.${stack}.yaml: must exist, got no file. Fix: create it, as docs/settings.md describes in "A third environment".`,
    );
  }
  issues.push(...(setup.variables.PULUMI_BACKEND_URL ? checkBackend(setup) : checkPulumiCloud(setup)));
  if (command !== "preview" && !secrets.has("KUBECONFIG")) {
    issues.push(
      `secret KUBECONFIG: must be set in the environment ${environment}, got nothing. \`pulumi ${command}\` connects to the ` +
        `cluster. Fix: gh secret set KUBECONFIG --env ${environment} < kubeconfig`,
    );
  }
  if (command === "preview" && stackFile?.getSetting("linkerd-mesh:adopt") === "true") {
    issues.push(
      `Pulumi.${stack}.yaml: linkerd-mesh:adopt: must not be true in a workflow. The preview of an adoption reads the key ` +
        "of the issuer. Fix: adopt the mesh from your machine, as docs/adoption.md describes.",
    );
  }
  return issues;
}

function checkPulumiCloud({ environment, variables, secrets }: Setup): string[] {
  const issues: string[] = [];
  if (!variables.PULUMI_ORG) {
    issues.push(
      "variable PULUMI_ORG: must be the organization in Pulumi Cloud, got nothing. Fix: gh variable set PULUMI_ORG. With a " +
        "self-managed backend, set PULUMI_BACKEND_URL instead.",
    );
  }
  if (!variables.PULUMI_OIDC_TOKEN_TYPE && !secrets.has("PULUMI_ACCESS_TOKEN")) {
    issues.push(
      `secret PULUMI_ACCESS_TOKEN: must be set in the environment ${environment}, got nothing. Fix: gh secret set ` +
        `PULUMI_ACCESS_TOKEN --env ${environment}, or set the variable PULUMI_OIDC_TOKEN_TYPE to log in without a token.`,
    );
  }
  return issues;
}

function checkBackend({ stack, environment, variables, secrets, stackFile }: Setup): string[] {
  const issues: string[] = [];
  const url = variables.PULUMI_BACKEND_URL ?? "";
  if (!/^(s3|gs|azblob|https|postgres):\/\//.test(url)) {
    issues.push(
      `variable PULUMI_BACKEND_URL: must begin with s3://, gs://, azblob://, postgres:// or https://, got ${url.split("?")[0]}. ` +
        "A state on the disk of a runner is lost. Fix: gh variable set PULUMI_BACKEND_URL",
    );
  }
  if (variables.PULUMI_ORG) {
    issues.push(
      "variable PULUMI_ORG: must not be set together with PULUMI_BACKEND_URL, because a self-managed backend has no " +
        "organizations. Fix: gh variable delete PULUMI_ORG",
    );
  }
  const provider = stackFile?.secretsProvider;
  if ((!provider || provider === "passphrase") && !secrets.has("PULUMI_CONFIG_PASSPHRASE")) {
    issues.push(
      `secret PULUMI_CONFIG_PASSPHRASE: must be set in the environment ${environment}, got nothing. Pulumi.${stack}.yaml ` +
        `has no secretsprovider of a cloud. Fix: gh secret set PULUMI_CONFIG_PASSPHRASE --env ${environment}`,
    );
  }
  return issues;
}
