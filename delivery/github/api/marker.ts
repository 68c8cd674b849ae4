/** Hidden first lines, by which a job finds what it wrote before. */
import { GitHubError } from "./errors.ts";
import { JOB_AUTHOR } from "./repository.ts";

/**
 * A first line that GitHub does not show. The complete line is compared: a marker that begins with another one is a
 * different marker.
 */
export function formatMarker(name: string): string {
  return `<!-- linkerd-mesh:${name} -->`;
}

/** Whether a job wrote the text with this marker. Other users can write a marker too. */
export function isMarked(
  { body, user }: { readonly body?: string | null; readonly user: { readonly login: string } | null },
  marker: string,
): boolean {
  return user?.login === JOB_AUTHOR && body?.split(/\r?\n/, 1)[0] === marker;
}

/**
 * Disables all HTML comments in Markdown that other code wrote, so that it has no hidden part and no marker.
 */
export function removeMarkers(markdown: string): string {
  return markdown.replaceAll("<!", "&lt;!");
}

/**
 * Repeats a read followed by a write, if an error of the server leaves open whether the write was done. The read of the
 * next attempt sees it.
 */
export async function retryFromRead<T>(attempt: () => Promise<T>, attempts = 3): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (count === attempts || !(error instanceof GitHubError && error.isTemporary)) throw error;
    }
  }
}
