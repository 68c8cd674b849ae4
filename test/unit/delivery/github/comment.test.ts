import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Repository } from "../../../../delivery/github/api/repository.ts";
import { COMMENT_MARKER } from "../../../../delivery/github/comment/format-comment.ts";
import { type PostedComment, postComment } from "../../../../delivery/github/comment/post-comment.ts";
import { BOT, FakeGitHub } from "../../../support/workflows/fake-github.ts";

const HEAD = "1".repeat(40);
const RUN = "https://github.example/acme/mesh/actions/runs/1";
const TOKEN = "ghs_secret";

let github: FakeGitHub;
beforeAll(async () => {
  github = new FakeGitHub();
  await github.start();
});
afterAll(() => github.stop());
beforeEach(() => {
  for (const list of [github.comments, github.faults, github.requests]) list.length = 0;
  github.pullRequest.state = "open";
  github.pullRequest.head.sha = HEAD;
});

function post(given: Partial<PostedComment> = {}) {
  const variables = { GITHUB_API_URL: github.url, GITHUB_REPOSITORY: "acme/mesh", GITHUB_TOKEN: TOKEN };
  return postComment(Repository.ofJob(variables, 1), {
    pullRequest: 7,
    head: HEAD,
    result: "success",
    finding: { outcome: "different", markdown: "**dev, prod**: linkerd/linkerd-identity restarts" },
    runUrl: RUN,
    ...given,
  });
}

const bodies = () => github.comments.map(({ body }) => body);

test("the first comment has the head commit, the run and what changes", async () => {
  await post();
  expect(bodies()).toEqual([
    `${COMMENT_MARKER}\n### What changes\n\nCommit ${HEAD}, merged into the base branch · [run](${RUN})\n\n**dev, prod**: linkerd/linkerd-identity restarts\n`,
  ]);
  expect([...github.tokens]).toEqual([`Bearer ${TOKEN}`]);
});

test("a second run edits the comment, also behind 250 other comments", async () => {
  github.addComments(250);
  await post();
  await post({ finding: { outcome: "different", markdown: "Nothing restarts" } });
  expect(bodies().filter((body) => body.startsWith(COMMENT_MARKER))).toHaveLength(1);
  expect(bodies().at(-1)).toContain("Nothing restarts");
  const pages = github.requests.filter((request) =>
    request.startsWith("GET /repos/acme/mesh/issues/7/comments"),
  );
  expect(pages).toHaveLength(6);
});

test("a comment whose marker begins with this one, or that a user wrote, is not edited", async () => {
  github.addComment(`${COMMENT_MARKER.replace("changes", "changes-eu")}\nOther`);
  github.addComment(`${COMMENT_MARKER}\nWritten by a user`, { login: "user" });
  github.addComment(`> ${COMMENT_MARKER}\nQuoted`);
  const before = bodies();
  await post();
  expect(bodies().slice(0, 3)).toEqual(before);
  expect(github.comments).toHaveLength(4);
});

test.each([
  ["failure", undefined, "the check failed"],
  ["failure", { outcome: "different", markdown: "Restarts" } as const, "the check failed"],
  ["success", undefined, "the check failed"],
  ["success", { outcome: "failed", markdown: "`proxy.logLevel`: must be …" } as const, "must be …"],
  ["cancelled", undefined, "the check was cancelled"],
  ["skipped", undefined, "the check did not run"],
] as const)(
  "an earlier comment does not stay after %s with the finding %j",
  async (result, finding, text) => {
    github.pullRequest.head.sha = "0".repeat(40);
    await post({ head: "0".repeat(40), finding: { outcome: "different", markdown: "Old and green" } });
    github.pullRequest.head.sha = HEAD;
    await post({ result, finding });
    expect(github.comments).toHaveLength(1);
    expect(bodies()[0]).toContain(text);
    expect(bodies()[0]).toContain(`Commit ${HEAD}`);
    expect(bodies()[0]).not.toContain("Old and green");
  },
);

test("a run of a commit that is no longer the head writes nothing", async () => {
  github.addComment(`${COMMENT_MARKER}\nAbout the head`);
  github.pullRequest.head.sha = "2".repeat(40);
  expect(await post({ result: "cancelled" })).toMatchObject({
    action: "none",
    reason: /The head is now 2222/,
  });
  expect(bodies()).toEqual([`${COMMENT_MARKER}\nAbout the head`]);
});

test("a closed pull request is not commented", async () => {
  github.pullRequest.state = "closed";
  expect(await post()).toMatchObject({ action: "none" });
  expect(github.comments).toEqual([]);
});

test("a pull request that changes no stack is not commented, unless an earlier comment reports a change", async () => {
  const same = { outcome: "same", markdown: "No changes." } as const;
  await post({ finding: same });
  expect(github.comments).toEqual([]);
  await post();
  await post({ finding: same });
  expect(bodies()).toEqual([expect.stringContaining("### No stack changes")]);
});

test("a comment that is up to date is not written again", async () => {
  await post();
  const before = github.requests.length;
  await post();
  expect(github.requests.slice(before).map((request) => request.split(" ")[0])).toEqual(["GET", "GET"]);
});

test("a result that is too long for a comment is replaced by a link to the run", async () => {
  await post({ finding: { outcome: "different", markdown: "x".repeat(70_000) } });
  expect(bodies()[0]).toContain(
    `The result is too long for a comment. It is in the [summary of the run](${RUN})`,
  );
});

test("a result cannot hide text or imitate a marker", async () => {
  await post({ finding: { outcome: "different", markdown: `<!-- hidden -->${COMMENT_MARKER}` } });
  expect(bodies()[0]?.match(/<!--/g)).toHaveLength(1);
});

test("a lost answer to a new comment does not lead to a second comment", async () => {
  github.faults.push({ method: "POST", path: /comments/, status: 502, afterwards: true });
  await post();
  expect(github.comments).toHaveLength(1);
});

test.each([500, 502, 503])("status %i of a page is followed by another attempt", async (status) => {
  github.addComment(`${COMMENT_MARKER}\nOld`);
  github.faults.push(
    { method: "GET", path: /comments/, status },
    { method: "PATCH", path: /comments/, status },
  );
  await post();
  expect(bodies()).toEqual([expect.stringContaining("### What changes")]);
});

test("a rate limit is waited for, also with a POST", async () => {
  const headers = { "retry-after": "0" };
  github.faults.push({ method: "POST", path: /comments/, status: 403, headers });
  github.faults.push({ method: "POST", path: /comments/, status: 429, headers });
  await post();
  expect(github.comments).toHaveLength(1);
});

test("an error names the request, the status and GitHub's message, and not the token", async () => {
  const body = '{"message":"Resource not accessible by integration"}';
  github.faults.push({ method: "POST", path: /comments/, status: 403, body });
  const failure = await post().catch((error: Error) => error);
  expect(String(failure)).toBe(
    "GitHubError: GitHub: POST /repos/acme/mesh/issues/7/comments: must answer 2xx, got 403 Resource not accessible by " +
      "integration. Fix: check `permissions` of the job, and the workflow permissions in the repository's settings.",
  );
  expect(JSON.stringify(failure) + String((failure as Error).stack)).not.toContain(TOKEN);
});

test("the page of a proxy instead of JSON is an error with the status alone", async () => {
  for (let count = 0; count < 12; count++) {
    github.faults.push({ method: "GET", path: /comments/, status: 503, body: "<html>Proxy</html>" });
  }
  await expect(post()).rejects.toThrow(/must answer 2xx, got 503\.$/);
});

test("an API that does not answer is an error without the token", async () => {
  const variables = {
    GITHUB_API_URL: "http://127.0.0.1:1",
    GITHUB_REPOSITORY: "acme/mesh",
    GITHUB_TOKEN: TOKEN,
  };
  const failure = Repository.ofJob(variables, 0).getPullRequest(7);
  await expect(failure).rejects.toThrow(/^GitHub: GET \/repos\/acme\/mesh\/pulls\/7: must answer, got/);
  await expect(failure).rejects.not.toThrow(TOKEN);
});

test("the next page of another host is not requested with the token", async () => {
  github.addComment("One", BOT);
  const link = '<http://attacker.example/?page=2>; rel="next"';
  github.faults.push({ method: "GET", path: /comments/, status: 200, headers: { link }, body: "[]" });
  await post();
  expect(github.comments).toHaveLength(2);
});
