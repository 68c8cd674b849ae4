import type { Platform } from "./platform.ts";

/** A file on the release site of its publisher, and the URL of the text that has its SHA-256. */
export interface Release {
  readonly url: string;
  readonly sums: string;
}

/** Returns `undefined` if the publisher has no release for the platform. */
export type ReleaseOf = (platform: Platform) => Release | undefined;

export function locatePulumiCli(version: string): ReleaseOf {
  const site = "https://get.pulumi.com/releases/sdk";
  return ({ os, arch }) => ({
    url: `${site}/pulumi-v${version}-${os}-${arch === "amd64" ? "x64" : arch}.tar.gz`,
    sums: `${site}/pulumi-${version}-checksums.txt`,
  });
}

/** The checksum file of a provider's release has SHA-1 sums. GitHub's record of the release has SHA-256 sums. */
export function locatePulumiProvider(name: string, version: string): ReleaseOf {
  return ({ os, arch }) =>
    locateOnGitHub(
      `pulumi/pulumi-${name}`,
      version,
      `pulumi-resource-${name}-v${version}-${os}-${arch}.tar.gz`,
    );
}

/** The servers are published for Linux only. On macOS they are built. */
export function locateKubernetes(binary: string, version: string): ReleaseOf {
  return ({ os, arch }) => {
    if (os !== "linux" && binary !== "kubectl") return undefined;
    const url = `https://dl.k8s.io/release/v${version}/bin/${os}/${arch}/${binary}`;
    return { url, sums: `${url}.sha256` };
  };
}

export function locateEtcd(version: string): ReleaseOf {
  const site = `https://github.com/etcd-io/etcd/releases/download/v${version}`;
  return ({ os, arch }) => ({
    url: `${site}/etcd-v${version}-${os}-${arch}.${os === "darwin" ? "zip" : "tar.gz"}`,
    sums: `${site}/SHA256SUMS`,
  });
}

/** kwok's releases have no checksum file. GitHub's record of the release has the sums. */
export function locateKwok(binary: string, version: string): ReleaseOf {
  return ({ os, arch }) => locateOnGitHub("kubernetes-sigs/kwok", version, `${binary}-${os}-${arch}`);
}

export function locateHelm(version: string): ReleaseOf {
  return ({ os, arch }) => {
    const url = `https://get.helm.sh/helm-v${version}-${os}-${arch}.tar.gz`;
    return { url, sums: `${url}.sha256sum` };
  };
}

/** One archive has all tools of Prometheus. */
export function locatePrometheus(version: string): ReleaseOf {
  const site = `https://github.com/prometheus/prometheus/releases/download/v${version}`;
  return ({ os, arch }) => ({
    url: `${site}/prometheus-${version}.${os}-${arch}.tar.gz`,
    sums: `${site}/sha256sums.txt`,
  });
}

/** actionlint's archives are named by the version without `v`. */
export function locateActionlint(version: string): ReleaseOf {
  const site = `https://github.com/rhysd/actionlint/releases/download/v${version}`;
  return ({ os, arch }) => ({
    url: `${site}/actionlint_${version}_${os}_${arch}.tar.gz`,
    sums: `${site}/actionlint_${version}_checksums.txt`,
  });
}

/** Linkerd's tags are versions, such as `edge-26.8.3`. Only the file for Macs with Intel has no architecture. */
export function locateLinkerdCli(version: string): ReleaseOf {
  const site = `https://github.com/linkerd/linkerd2/releases/download/${version}`;
  return ({ os, arch }) => {
    const platform = os === "darwin" && arch === "amd64" ? os : `${os}-${arch}`;
    const url = `${site}/linkerd2-cli-${version}-${platform}`;
    return { url, sums: `${url}.sha256` };
  };
}

function locateOnGitHub(repository: string, version: string, file: string): Release {
  return {
    url: `https://github.com/${repository}/releases/download/v${version}/${file}`,
    sums: `https://api.github.com/repos/${repository}/releases/tags/v${version}`,
  };
}
