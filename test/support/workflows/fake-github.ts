/** GitHub's REST API on loopback: comments, pull requests and issues of one repository. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

export interface StoredComment {
  readonly id: number;
  body: string;
  readonly user: { readonly login: string };
}

export interface StoredIssue {
  readonly number: number;
  title: string;
  body: string;
  state: "open" | "closed";
  readonly user: { readonly login: string };
  readonly pull_request?: object;
}

/** An answer instead of the usual one. With `afterwards`, the request is done, and the answer is lost. */
export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly afterwards?: boolean;
}

export const BOT = { login: "github-actions[bot]" };
/** The API has at most this many entries on a page. */
const PAGE = 100;
const REPOSITORY = "/repos/acme/mesh";

export class FakeGitHub {
  readonly comments: StoredComment[] = [];
  readonly issues: StoredIssue[] = [];
  readonly pullRequest = { state: "open", head: { sha: "" } };
  /** Each fault is used once. */
  readonly faults: Fault[] = [];
  /** E.g. `GET /repos/acme/mesh/issues/7/comments?per_page=100`. */
  readonly requests: string[] = [];
  readonly tokens = new Set<string | undefined>();
  #url = "";
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return this.#url;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => void this.#server.close(() => resolve()));
  }

  /** Adds comments of users, so that later ones are on further pages. */
  addComments(count: number): void {
    for (let index = 0; index < count; index++) this.addComment(`Comment ${index}`, { login: "user" });
  }

  addComment(body: string, user = BOT): StoredComment {
    const comment = { id: 1000 + this.comments.length, body, user };
    this.comments.push(comment);
    return comment;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    this.requests.push(`${method} ${url}`);
    this.tokens.add(request.headers.authorization);
    const body = method === "GET" ? {} : ((await json(request)) as Record<string, string>);
    const index = this.faults.findIndex((fault) => fault.method === method && fault.path.test(url));
    const [fault] = index < 0 ? [] : this.faults.splice(index, 1);
    const answer =
      !fault || fault.afterwards ? this.#perform(method, new URL(url, this.#url), body) : undefined;
    if (fault) {
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '{"message":"A fault"}');
    } else if (answer === undefined) {
      response.writeHead(404).end('{"message":"Not Found"}');
    } else {
      response.writeHead(200, { "content-type": "application/json", ...answer.headers });
      response.end(JSON.stringify(answer.body));
    }
  }

  #perform(
    method: string,
    url: URL,
    body: Record<string, string>,
  ): { body: unknown; headers?: Record<string, string> } | undefined {
    const path = url.pathname.replace(REPOSITORY, "");
    const [, id = ""] = /(\d+)/.exec(path) ?? [];
    if ((body.body?.length ?? 0) > 65_536) throw new Error("body is too long (maximum is 65536 characters)");
    if (method === "GET" && /^\/pulls\/\d+$/.test(path)) return { body: this.pullRequest };
    if (method === "GET" && /^\/issues\/\d+\/comments$/.test(path)) return this.#page(this.comments, url);
    if (method === "POST" && /^\/issues\/\d+\/comments$/.test(path)) {
      return { body: this.addComment(body.body ?? "") };
    }
    const comment = this.comments.find((one) => String(one.id) === id);
    if (method === "PATCH" && /^\/issues\/comments\/\d+$/.test(path) && comment) {
      comment.body = body.body ?? "";
      return { body: comment };
    }
    if (method === "GET" && path === "/issues") {
      const creator = url.searchParams.get("creator");
      const open = this.issues.filter(({ state, user }) => state === "open" && user.login === creator);
      return this.#page(open, url);
    }
    if (method === "POST" && path === "/issues") {
      const issue: StoredIssue = {
        number: this.issues.length + 1,
        title: body.title ?? "",
        body: body.body ?? "",
        state: "open",
        user: BOT,
      };
      this.issues.push(issue);
      return { body: issue };
    }
    const issue = this.issues.find((one) => String(one.number) === id);
    if (method === "PATCH" && /^\/issues\/\d+$/.test(path) && issue) {
      Object.assign(issue, body);
      return { body: issue };
    }
    return undefined;
  }

  #page(entries: readonly object[], url: URL): { body: unknown; headers: Record<string, string> } {
    const page = Number(url.searchParams.get("page") ?? 1);
    const size = Math.min(Number(url.searchParams.get("per_page") ?? 30), PAGE);
    const next = new URL(url);
    next.searchParams.set("page", String(page + 1));
    const isLast = page * size >= entries.length;
    return {
      body: entries.slice((page - 1) * size, page * size),
      headers: isLast ? {} : { link: `<${next}>; rel="next", <${url}>; rel="last"` },
    };
  }
}
