/** The platform tools are wanted for, by the names that Go and the release sites use. */
export interface Platform {
  readonly os: "linux" | "darwin";
  readonly arch: "amd64" | "arm64";
}

export function thisPlatform(): Platform {
  const os = process.platform;
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  if ((os !== "linux" && os !== "darwin") || (arch !== "amd64" && arch !== "arm64")) {
    throw new Error(
      `sandbox: no tools for ${os}/${arch}. It runs on linux and darwin, amd64 and arm64; ` +
        "on Windows use WSL 2.",
    );
  }
  return { os, arch };
}
