/** The requests about one repository that the jobs send. Fields are those of GitHub's REST API, version 2022-11-28. */
import { GitHubClient } from "./client.ts";

/** Author of what a job writes with its `GITHUB_TOKEN`. */
export const JOB_AUTHOR = "github-actions[bot]";

export interface IssueComment {
  readonly id: number;
  readonly body?: string;
  readonly user: { readonly login: string } | null;
}

export interface PullRequest {
  readonly state: "open" | "closed";
  readonly head: { readonly sha: string };
}

export interface Issue {
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly user: { readonly login: string } | null;
  /** Only pull requests have it: the API lists them as issues too. */
  readonly pull_request?: object;
}

export interface RepositoryOptions {
  /** `owner/name` */
  readonly repository: string;
  readonly client: GitHubClient;
}

export class Repository {
  readonly #client: GitHubClient;
  readonly #path: string;

  constructor({ repository, client }: RepositoryOptions) {
    this.#client = client;
    this.#path = `/repos/${repository}`;
  }

  /** The repository of a job, from the variables that GitHub sets, and `GITHUB_TOKEN`. */
  static ofJob(
    variables: Readonly<Record<"GITHUB_API_URL" | "GITHUB_REPOSITORY" | "GITHUB_TOKEN", string>>,
    delay?: number,
  ): Repository {
    const { GITHUB_API_URL: url, GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token } = variables;
    const client = new GitHubClient({ url, token, ...(delay === undefined ? {} : { delay }) });
    return new Repository({ repository, client });
  }

  getPullRequest(number: number): Promise<PullRequest> {
    return this.#client.send("GET", `${this.#path}/pulls/${number}`);
  }

  listComments(issue: number): AsyncIterable<IssueComment> {
    return this.#client.list(`${this.#path}/issues/${issue}/comments`);
  }

  createComment(issue: number, body: string): Promise<IssueComment> {
    return this.#client.send("POST", `${this.#path}/issues/${issue}/comments`, { body });
  }

  updateComment(id: number, body: string): Promise<IssueComment> {
    return this.#client.send("PATCH", `${this.#path}/issues/comments/${id}`, { body });
  }

  /** Open issues and pull requests that jobs created. */
  listOpenIssues(): AsyncIterable<Issue> {
    const creator = encodeURIComponent(JOB_AUTHOR);
    return this.#client.list(`${this.#path}/issues?state=open&creator=${creator}`);
  }

  createIssue(issue: { title: string; body: string }): Promise<Issue> {
    return this.#client.send("POST", `${this.#path}/issues`, issue);
  }

  updateIssue(
    number: number,
    change: { title?: string; body?: string; state?: "closed"; state_reason?: "completed" },
  ): Promise<Issue> {
    return this.#client.send("PATCH", `${this.#path}/issues/${number}`, change);
  }
}
