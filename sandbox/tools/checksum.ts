/**
 * Finds the SHA-256 of `file` in a published text, in each form that publishers use: GitHub's record of a release
 * (JSON), lines of `<sum>  <file>`, or the sum alone.
 */
export function findChecksum(text: string, file: string): string | undefined {
  if (text.trimStart().startsWith("{")) return findGitHubDigest(text, file);
  for (const line of text.split("\n")) {
    const found = /^([0-9a-f]{64})(?:\s+\*?(?:\.\/)?(\S+))?\s*$/i.exec(line);
    if (found && (found[2] === undefined || found[2] === file)) return found[1]?.toLowerCase();
  }
  return undefined;
}

function findGitHubDigest(text: string, file: string): string | undefined {
  const release = JSON.parse(text) as { assets?: { name?: string; digest?: string | null }[] };
  const digest = release.assets?.find((asset) => asset.name === file)?.digest;
  return /^sha256:([0-9a-f]{64})$/.exec(digest ?? "")?.[1];
}
