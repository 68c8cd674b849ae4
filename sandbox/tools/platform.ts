/** A platform that tools run on, with the names that Go and the release sites use. */
export interface Platform {
  readonly os: "linux" | "darwin";
  readonly arch: "amd64" | "arm64";
}

export function detectPlatform(): Platform {
  const os = process.platform;
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  if ((os !== "linux" && os !== "darwin") || (arch !== "amd64" && arch !== "arm64")) {
    throw new Error(
      `sandbox: the platform must be linux or darwin on amd64 or arm64, got ${os} on ${arch}. ` +
        "Fix: on Windows, use WSL 2.",
    );
  }
  return { os, arch };
}
