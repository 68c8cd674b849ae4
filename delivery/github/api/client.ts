/**
 * A client of GitHub's REST API without a package: the job that comments must not install any, because it holds a token
 * that writes.
 */
import { setTimeout as wait } from "node:timers/promises";
import { GitHubError, readRetryDelay } from "./errors.ts";

export interface ClientOptions {
  /** URL of the API, as in `GITHUB_API_URL`: `https://api.github.com`, or that of GitHub Enterprise Server. */
  readonly url: string;
  /** Never part of an error. */
  readonly token: string;
  /** Milliseconds before the second attempt. It doubles with every attempt. @default 1000 */
  readonly delay?: number;
}

type Method = "GET" | "POST" | "PATCH";

const ATTEMPTS = 4;
/** Milliseconds of the longest wait before another attempt: a job has minutes. */
const LONGEST_DELAY = 60_000;
const TIMEOUT = 30_000;

export class GitHubClient {
  readonly #url: string;
  readonly #token: string;
  readonly #delay: number;

  constructor({ url, token, delay = 1000 }: ClientOptions) {
    this.#url = url.replace(/\/+$/, "");
    this.#token = token;
    this.#delay = delay;
  }

  /**
   * Sends a request, and returns the JSON of the answer. Repeats it if the rate limit rejects it. GET and PATCH are also
   * repeated after an error of the server; a POST is not, because the server may have done it.
   *
   * @throws GitHubError
   */
  async send<T>(method: Method, path: string, body?: object): Promise<T> {
    return (await this.#request(method, `${this.#url}${path}`, body).then((answer) => answer.json())) as T;
  }

  /** Yields the entries of all pages of a list. */
  async *list<T>(path: string): AsyncGenerator<T> {
    const separator = path.includes("?") ? "&" : "?";
    let next: string | undefined = `${this.#url}${path}${separator}per_page=100`;
    while (next !== undefined) {
      const answer: Response = await this.#request("GET", next);
      yield* (await answer.json()) as T[];
      next = this.#findNextPage(answer.headers.get("link"));
    }
  }

  /** The token is sent to the API only, whatever a header contains. */
  #findNextPage(link: string | null): string | undefined {
    const next = /<([^>]+)>;[^,]*\brel="next"/.exec(link ?? "")?.[1];
    return next !== undefined && new URL(next).origin === new URL(this.#url).origin ? next : undefined;
  }

  async #request(method: Method, url: string, body?: object): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#attempt(method, url, body);
      if (failure instanceof Response) return failure;
      const { error, delay } = failure;
      if (attempt === ATTEMPTS || !(error.isRejected || (error.isTemporary && method !== "POST"))) {
        throw error;
      }
      await wait(Math.min(delay ?? this.#delay * 2 ** (attempt - 1), LONGEST_DELAY));
    }
  }

  async #attempt(
    method: Method,
    url: string,
    body?: object,
  ): Promise<Response | { error: GitHubError; delay: number | undefined }> {
    const request = `${method} ${new URL(url).pathname}`;
    let answer: Response;
    try {
      answer = await fetch(url, {
        method,
        headers: {
          accept: "application/vnd.github+json",
          authorization: `Bearer ${this.#token}`,
          "user-agent": "linkerd-mesh",
          "x-github-api-version": "2022-11-28",
        },
        signal: AbortSignal.timeout(TIMEOUT),
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    } catch (error) {
      return { error: GitHubError.ofConnection(request, error), delay: undefined };
    }
    if (answer.ok) return answer;
    return { error: await GitHubError.ofAnswer(request, answer), delay: readRetryDelay(answer.headers) };
  }
}
