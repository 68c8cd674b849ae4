/** Errors of GitHub's REST API. */

/** An answer other than 2xx, or no answer. */
export class GitHubError extends Error {
  override readonly name = "GitHubError";
  /** Status of the answer. `undefined` without an answer. */
  readonly status: number | undefined;
  /** The request was not done, because of the rate limit. */
  readonly isRejected: boolean;
  /** A later request may succeed. The request may have been done. */
  readonly isTemporary: boolean;

  private constructor(message: string, status: number | undefined, isRejected: boolean) {
    super(message);
    this.status = status;
    this.isRejected = isRejected;
    this.isTemporary = isRejected || status === undefined || status >= 500;
  }

  static ofConnection(request: string, error: unknown): GitHubError {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    return new GitHubError(`GitHub: ${request}: must answer, got ${reason}.`, undefined, false);
  }

  /**
   * 403 and 429 are answers of the rate limits if they have `retry-after` or no remaining requests
   * (docs.github.com, "Rate limits for the REST API").
   */
  static async ofAnswer(request: string, answer: Response): Promise<GitHubError> {
    const { status, headers } = answer;
    const isLimited =
      status === 429 ||
      (status === 403 && (headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0"));
    const reason = await readReason(answer);
    return new GitHubError(
      `GitHub: ${request}: must answer 2xx, got ${status}${reason}.${findFix(status, isLimited)}`,
      status,
      isLimited,
    );
  }
}

/** Milliseconds until GitHub accepts the next request, if it reports them. */
export function readRetryDelay(headers: Headers): number | undefined {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  if (Number.isFinite(seconds)) return seconds * 1000;
  const reset = Number(headers.get("x-ratelimit-reset") ?? Number.NaN);
  if (headers.get("x-ratelimit-remaining") !== "0" || !Number.isFinite(reset)) return undefined;
  return Math.max(0, reset * 1000 - Date.now());
}

/** The message of the answer's JSON. Other text, such as the page of a proxy, does not help. */
async function readReason(answer: Response): Promise<string> {
  try {
    const { message, errors } = (await answer.json()) as { message?: string; errors?: unknown };
    const details = errors === undefined ? "" : ` ${JSON.stringify(errors)}`;
    return message === undefined ? "" : ` ${message}${details}`.slice(0, 500);
  } catch {
    return "";
  }
}

function findFix(status: number, isLimited: boolean): string {
  if (isLimited) return " Fix: run the job again later.";
  if (status === 401 || status === 403 || status === 404) {
    return " Fix: check `permissions` of the job, and the workflow permissions in the repository's settings.";
  }
  return "";
}
