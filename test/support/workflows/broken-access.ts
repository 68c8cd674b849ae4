/** Workflows in which code can read too much. */
import type { BrokenWorkflow } from "./broken-workflow.ts";
import { expression } from "./read-workflows.ts";

const secret = expression("secrets.PULUMI_ACCESS_TOKEN");

export const BROKEN_ACCESS: readonly BrokenWorkflow[] = [
  {
    name: "permissions at the top",
    file: "changes.yaml",
    from: "permissions: {}",
    to: "permissions:\n  pull-requests: write",
    issue: /changes\.yaml: permissions at the top must be \{\}/,
  },
  {
    name: "a job with the default permissions",
    file: "checks.yaml",
    from: "    permissions:\n      contents: read\n",
    to: "",
    issue: /unreviewed code of pull_request can read GITHUB_TOKEN with the default permissions/,
  },
  {
    name: "a writing token in the job that runs the pull request",
    file: "changes.yaml",
    from: "      contents: read\n    steps",
    to: "      contents: read\n      pull-requests: write\n    steps",
    issue: /changes\.yaml: changes: unreviewed code of pull_request can read pull-requests: write/,
  },
  {
    name: "the head of the pull request in the job that comments",
    file: "changes.yaml",
    from: "github.event.pull_request.base.sha",
    to: "github.event.pull_request.head.sha",
    issue: /changes\.yaml: comment: unreviewed code of pull_request can read pull-requests: write/,
  },
  {
    name: "an artifact in the checkout of the job that comments",
    file: "changes.yaml",
    from: `path: ${expression("runner.temp")}/changes\n`,
    to: "path: delivery\n",
    issue: /comment: has credentials, and downloads an artifact into the checkout/,
  },
  {
    name: "a secret in the job that runs the pull request",
    file: "changes.yaml",
    from: "        env:\n          FINDING",
    to: `        env:\n          TOKEN: ${secret}\n          FINDING`,
    issue: /unreviewed code of pull_request can read PULUMI_ACCESS_TOKEN/,
  },
  {
    name: "all secrets as one value",
    file: "changes.yaml",
    from: "        env:\n          FINDING",
    to: `        env:\n          ALL: ${expression("toJSON(secrets)")}\n          FINDING`,
    issue: /unreviewed code of pull_request can read all secrets/,
  },
  {
    name: "an environment without a reviewer for previews of pull requests",
    file: "preview.yaml",
    from: `environment: ${expression("matrix.stack")}-preview`,
    to: `environment: ${expression("matrix.stack")}-unprotected`,
    issue: /preview\.yaml: preview \(stack=prod\) > pulumi\.yaml: pulumi: unreviewed code/,
  },
  {
    name: "a job without an environment that logs in",
    file: "pulumi.yaml",
    from: `    environment:\n      name: ${expression("inputs.environment")}\n`,
    to: "    env-name:\n      name: none\n",
    issue: /unreviewed code of pull_request can read PULUMI_ACCESS_TOKEN.*id-token: write/,
  },
  {
    name: "a secret that a caller passes by name",
    file: "checks.yaml",
    from: "      - run: .ci/run",
    to: `      - run: .ci/run\n        env:\n          TOKEN: ${secret}`,
    issue: /checks\.yaml: checks: unreviewed code of pull_request can read PULUMI_ACCESS_TOKEN/,
  },
  {
    name: "a cache in a preview of a pull request",
    file: "pulumi.yaml",
    from: "      - if: github.ref == 'refs/heads/main'\n        uses: actions/cache",
    to: "      - uses: actions/cache",
    issue: /has credentials, and restores a cache that unreviewed code can write/,
  },
  {
    name: "the implicit cache of npm in a preview of a pull request",
    file: "pulumi.yaml",
    from: "package-manager-cache: false",
    to: "package-manager-cache: true",
    issue: /has credentials, and restores a cache/,
  },
  {
    name: "pull_request_target",
    file: "changes.yaml",
    from: "  pull_request:",
    to: "  pull_request_target:",
    issue: /pull_request_target gives secrets to the code of forks/,
  },
  {
    name: "a token of the checkout that stays",
    file: "checks.yaml",
    from: "persist-credentials: false",
    to: "persist-credentials: true",
    issue: /must set persist-credentials: false/,
  },
  {
    name: "a secret for all steps of a job",
    file: "pulumi.yaml",
    from: "      PULUMI_SKIP_UPDATE_CHECK",
    to: `      PULUMI_ACCESS_TOKEN: ${secret}\n      PULUMI_SKIP_UPDATE_CHECK`,
    issue: /secrets must be in the env of a step/,
  },
  {
    name: "a kubeconfig in a preview",
    file: "pulumi.yaml",
    from: "      - if: inputs.command != 'preview'\n        name: Connect",
    to: "      - name: Connect",
    issue: /a preview must have no kubeconfig/,
  },
  {
    name: "a kubeconfig that stays after a failure",
    file: "pulumi.yaml",
    from: "if: always() && inputs.command != 'preview'",
    to: "if: inputs.command != 'preview'",
    issue: /the kubeconfig must be removed, also after a failure/,
  },
];
