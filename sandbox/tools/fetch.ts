/** A site that does not start to answer within this time is unreachable. Milliseconds. */
const ANSWER_TIMEOUT = 3_000;
/** A download that receives nothing for this long is aborted. Milliseconds. */
const STALL_TIMEOUT = 30_000;

/** A file cannot be fetched. The tool may still be obtained in another way. */
export class Unavailable extends Error {}

/**
 * Returns the URL to fetch a published file from. `LINKERD_MESH_MIRROR` is the URL of a mirror, for machines without
 * access to the internet, that has `https://host/path` at `<mirror>/host/path`, as `wget -x` stores it.
 */
export function resolveMirror(url: string): string {
  const mirror = process.env.LINKERD_MESH_MIRROR;
  if (!mirror) return url;
  if (!URL.canParse(mirror)) {
    throw new Error(
      `LINKERD_MESH_MIRROR: must be a URL, got ${mirror}. ` +
        "Fix: export LINKERD_MESH_MIRROR=https://mirror.example/tools",
    );
  }
  return `${mirror.replace(/\/+$/, "")}/${url.replace("https://", "")}`;
}

/** Fetches a published file, piece by piece. */
export async function* fetchFile(url: string): AsyncGenerator<Uint8Array, void, undefined> {
  const address = resolveMirror(url);
  const abort = new AbortController();
  const abortAfter = (milliseconds: number, reason: string) =>
    setTimeout(() => abort.abort(new Error(`${reason} for ${milliseconds / 1000} s`)), milliseconds);
  let timer = abortAfter(ANSWER_TIMEOUT, "no answer");
  try {
    const response = await fetch(address, { signal: abort.signal });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    for await (const piece of response.body) {
      clearTimeout(timer);
      yield piece;
      timer = abortAfter(STALL_TIMEOUT, "no more data");
    }
  } catch (error) {
    throw new Unavailable(`${address}: ${findReason(error)}`);
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

export async function fetchText(url: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of fetchFile(url)) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

/** The message of `fetch` is only "fetch failed"; the reason is one or two causes deeper. */
function findReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause !== undefined) return findReason(cause);
  return error instanceof Error ? error.message || error.name : String(error);
}
