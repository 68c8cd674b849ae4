/** Workflows whose commands run elsewhere, or with something else. */
import type { BrokenWorkflow } from "./broken-workflow.ts";
import { expression } from "./read-workflows.ts";

const token = expression("github.token");
const temporary = expression("runner.temp");

export const BROKEN_SURROUNDINGS: readonly BrokenWorkflow[] = [
  {
    name: "an image that nobody pinned",
    file: "pulumi.yaml",
    from: "    timeout-minutes:",
    to: "    container: example/image\n    timeout-minutes:",
    issue: /pulumi: container is not a key/,
  },
  {
    name: "a shell that ignores the command",
    file: "pulumi.yaml",
    from: "        name: Deploy\n",
    to: "        name: Deploy\n        shell: bash -c true {0}\n",
    issue: /shell is not a key/,
  },
  {
    name: "a shell for all commands",
    file: "checks.yaml",
    from: "jobs:\n",
    to: "defaults:\n  run:\n    shell: bash -c true {0}\njobs:\n",
    issue: /checks\.yaml: defaults is not a key/,
  },
  {
    name: "tests of a pull request on a runner that stays",
    file: "checks.yaml",
    from: "ubuntu-latest",
    to: "self-hosted",
    issue: /checks\.yaml: checks: must run on ubuntu-latest/,
  },
  {
    name: "a deployment of another commit",
    file: "pulumi.yaml",
    from: "          persist-credentials: false\n",
    to: `          persist-credentials: false\n          ref: ${expression("github.head_ref")}\n`,
    issue: /pulumi: must check out the commit of the event/,
  },
  {
    name: "a comparison without the base commit",
    file: "changes.yaml",
    from: "fetch-depth: 2",
    to: "fetch-depth: 1",
    issue: /changes: must check out the base commit too/,
  },
  {
    name: "the title of a pull request in a variable",
    file: "pulumi.yaml",
    from: 'PULUMI_SKIP_UPDATE_CHECK: "true"',
    to: `NODE_OPTIONS: ${expression("github.event.pull_request.title")}`,
    issue: /NODE_OPTIONS has a value that the author of a pull request writes/,
  },
  {
    name: "the token of the job in an installation",
    file: "changes.yaml",
    from: "      - run: npm ci\n",
    to: `      - run: npm ci\n        env:\n          GITHUB_TOKEN: ${token}\n`,
    issue: /changes: npm ci must not get the token/,
  },
  {
    name: "a comment that reads another artifact",
    file: "changes.yaml",
    from: `          name: changes\n          path: ${temporary}/changes\n`,
    to: `          name: change\n          path: ${temporary}/changes\n`,
    issue: /comment must read what changes writes/,
  },
  {
    name: "a comment that reads another file",
    file: "changes.yaml",
    from: "/changes/changes.json",
    to: "/changes.json",
    issue: /comment must read what changes writes/,
  },
  {
    name: "some of the checks",
    file: "checks.yaml",
    from: ".ci/run",
    to: "npm run check",
    issue: /checks: must run \.ci\/run/,
  },
  {
    name: "a check for drift once a year",
    file: "drift.yaml",
    from: "17 5 * * *",
    to: "17 5 1 1 *",
    issue: /drift\.yaml: must start every day/,
  },
];
