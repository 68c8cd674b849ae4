/** Workflows that deploy or report in a wrong way. */
import type { BrokenWorkflow } from "./broken-workflow.ts";
import { expression } from "./read-workflows.ts";

const sha = "3d3c42e5aac5ba805825da76410c181273ba90b1";
const title = expression("github.event.pull_request.title");

export const BROKEN_DELIVERY: readonly BrokenWorkflow[] = [
  {
    name: "an action by its tag",
    file: "checks.yaml",
    from: `${sha} # v7.0.1`,
    to: "v7",
    issue: /checks\.yaml: must be a full SHA with a version, got actions\/checkout@v7/,
  },
  {
    name: "a SHA without its version",
    file: "checks.yaml",
    from: `${sha} # v7.0.1`,
    to: sha,
    issue: /must be a full SHA with a version/,
  },
  {
    name: "a SHA that is not in the table",
    file: "checks.yaml",
    from: sha,
    to: sha.replaceAll("3", "4"),
    issue: /is not in the table/,
  },
  {
    name: "an input that the version does not have",
    file: "pulumi.yaml",
    from: "pulumi-version-file:",
    to: "pulumi-version-path:",
    issue: /v7\.0\.0 has no input pulumi-version-path/,
  },
  {
    name: "a version file that does not exist",
    file: "pulumi.yaml",
    from: "pulumi-version-file: .pulumi.version",
    to: "pulumi-version-file: .pulumi-version",
    issue: /the file \.pulumi-version must exist/,
  },
  {
    name: "an issue that any branch can write",
    file: "drift.yaml",
    from: "always() && github.ref == 'refs/heads/main'",
    to: "always() && github.event_name != 'push'",
    issue: /drift\.yaml: issue: unreviewed code of workflow_dispatch can read issues: write/,
  },
  {
    name: "a job without a timeout",
    file: "changes.yaml",
    from: "    timeout-minutes: 15\n",
    to: "",
    issue: /changes: must have timeout-minutes/,
  },
  {
    name: "a matrix that cancels prod after a failure of dev",
    file: "drift.yaml",
    from: "      fail-fast: false\n",
    to: "",
    issue: /must set fail-fast: false/,
  },
  {
    name: "a deployment that a newer commit cancels",
    file: "up.yaml",
    from: "group: up-prod\n      cancel-in-progress: false",
    to: "group: up-prod\n      cancel-in-progress: true",
    issue: /up\.yaml: prod: cancels jobs that are not of a pull request/,
  },
  {
    name: "two deployments of a stack at a time",
    file: "up.yaml",
    from: "group: up-prod",
    to: `group: up-${expression("github.sha")}`,
    issue: /prod must have the concurrency group up-prod/,
  },
  {
    name: "a deployment without tests",
    file: "up.yaml",
    from: "    needs: checks\n",
    to: "",
    issue: /dev must run after checks succeeded/,
  },
  {
    name: "prod without dev",
    file: "up.yaml",
    from: "needs: [dev, preview-prod]",
    to: "needs: [preview-prod]",
    issue: /prod must run after dev succeeded/,
  },
  {
    name: "prod without a preview for its reviewers",
    file: "up.yaml",
    from: "needs: [dev, preview-prod]",
    to: "needs: dev",
    issue: /prod must run after preview-prod succeeded/,
  },
  {
    name: "prod after a failure of dev",
    file: "up.yaml",
    from: "    needs: [dev, preview-prod]\n",
    to: "    needs: [dev, preview-prod]\n    if: always()\n",
    issue: /prod must run after dev succeeded/,
  },
  {
    name: "the title of a pull request in a script",
    file: "changes.yaml",
    from: "- run: npm ci",
    to: `- run: echo "${title}"`,
    issue: /an expression in a script can inject commands/,
  },
  {
    name: "a script that no test runs",
    file: "pulumi.yaml",
    from: "- run: npm ci",
    to: "- run: curl -sL https://example.com/install | sh",
    issue: /must be an npm script, a file of delivery\/github or an installation/,
  },
  {
    name: "a comment that stays after a failure",
    file: "changes.yaml",
    from: "if: always() && github.event.pull_request.head",
    to: "if: github.event.pull_request.head",
    issue: /changes\.yaml: comment: must run always\(\)/,
  },
  {
    name: "a comment that stays after a cancelled job",
    file: "changes.yaml",
    from: "        continue-on-error: true\n",
    to: "",
    issue: /comment: must report a missing artifact too/,
  },
];
