/** A site that has not begun to answer by then is taken for unreachable. */
const answerWithin = 3_000;
/** A download of which nothing has come for so long is given up. */
const stalledAfter = 30_000;

/** A file that could not be had. It is no reason to stop: there may be another way to it. */
export class Unavailable extends Error {}

/**
 * The URL to ask for a maker's file. `LINKERD_MESH_MIRROR` names a mirror (for machines without the internet)
 * that keeps `https://host/path` as `<mirror>/host/path`, which is how `wget -x` stores it.
 */
export function mirrored(url: string): string {
  const mirror = process.env.LINKERD_MESH_MIRROR;
  if (!mirror) return url;
  if (!URL.canParse(mirror)) {
    throw new Error(
      `LINKERD_MESH_MIRROR: not a URL: ${mirror}. Give one such as https://mirror.example/tools`,
    );
  }
  return `${mirror.replace(/\/+$/, "")}/${url.replace("https://", "")}`;
}

/** The body of a maker's file, piece by piece. */
export async function* fetchFile(url: string): AsyncGenerator<Uint8Array, void, undefined> {
  const address = mirrored(url);
  const abort = new AbortController();
  const within = (milliseconds: number, what: string) =>
    setTimeout(() => abort.abort(new Error(`${what} for ${milliseconds / 1000} s`)), milliseconds);
  let timer = within(answerWithin, "no answer");
  try {
    const response = await fetch(address, { signal: abort.signal });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    for await (const piece of response.body) {
      clearTimeout(timer);
      yield piece;
      timer = within(stalledAfter, "nothing more");
    }
  } catch (error) {
    throw new Unavailable(`${address}: ${reason(error)}`);
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

/** `fetch` says only "fetch failed" and keeps the reason one or two levels down. */
function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause !== undefined) return reason(cause);
  return error instanceof Error ? error.message || error.name : String(error);
}
