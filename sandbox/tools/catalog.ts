import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as releases from "./releases.ts";

/** A Go module of this project, under `go/`, that tools are built from. */
export interface GoModule {
  readonly name: string;
  /** A file of a required module that the sources embed. It is too big to commit, so it is copied before a build. */
  readonly embeds?: { readonly from: string; readonly file: string };
}

/** A tool that its publisher releases with checksums. */
export interface ReleasedTool<Name extends string = string> {
  readonly name: Name;
  /** The version that is downloaded. */
  readonly version: string;
  readonly release: releases.ReleaseOf;
}

/** A tool of the sandbox, or of the tests and benchmarks. */
export interface Tool<Name extends string = string> extends ReleasedTool<Name> {
  /** Range of versions on PATH that are used, in the syntax of the npm package `semver`. */
  readonly accepted: string;
  /** Arguments that print the version. A tool without them is not looked up on PATH. */
  readonly versionArguments?: readonly string[];
  readonly build: {
    readonly module: GoModule;
    readonly package: string;
    readonly variables: Variables;
    /** Go build tags, separated by commas. */
    readonly tags?: string;
  };
}

/** Values of Go variables that the linker sets. */
type Variables = Readonly<Record<string, string>>;

export type ToolName =
  | "pulumi"
  | "pulumi-resource-tls"
  | "pulumi-resource-random"
  | "pulumi-resource-kubernetes"
  | "helm"
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kwokctl"
  | "kwok"
  | "kubectl";

const engine: GoModule = { name: "engine" };
const cluster: GoModule = { name: "cluster" };
/** Not a part of the engine module, because the provider needs an older Pulumi SDK than the CLI. */
const kubernetesProvider: GoModule = {
  name: "kubernetes-provider",
  embeds: {
    from: "github.com/pulumi/pulumi-kubernetes/provider/v4",
    file: "cmd/pulumi-resource-kubernetes/schema.json",
  },
};

/** The version that workflows install too (`pulumi-version-file` of pulumi/actions). */
const pulumi = readFileSync(join(import.meta.dirname, "../../.pulumi.version"), "utf8").trim();
const kubernetes = "1.36.3";
const etcd = "3.6.16";
const kwok = "0.8.0";
const helm = "3.18.6";
const tlsProvider = "5.6.1";
const randomProvider = "4.21.2";
/** The latest version of the provider that is published as a Go module. */
const builtKubernetesProvider = "4.25.0";

/** All tools of the sandbox, in the order in which they are built. Tools of one module are next to each other. */
export const catalog: readonly Tool<ToolName>[] = [
  {
    name: "pulumi",
    version: pulumi,
    accepted: ">=3.248.0 <4.0.0",
    versionArguments: ["version"],
    release: releases.locatePulumiCli(pulumi),
    build: {
      module: engine,
      package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pulumi}` },
    },
  },
  describeBridgedProvider("tls", tlsProvider, ">=5.0.0 <6.0.0"),
  describeBridgedProvider("random", randomProvider, ">=4.16.0 <5.0.0"),
  {
    name: "pulumi-resource-kubernetes",
    version: "4.34.2",
    accepted: `>=${builtKubernetesProvider} <5.0.0`,
    release: releases.locatePulumiProvider("kubernetes", "4.34.2"),
    build: {
      module: kubernetesProvider,
      package: ".",
      variables: {
        "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": `v${builtKubernetesProvider}`,
      },
    },
  },
  {
    name: "helm",
    version: helm,
    accepted: ">=3.16.0 <4.0.0",
    versionArguments: ["version", "--short"],
    release: releases.locateHelm(helm),
    build: {
      module: kubernetesProvider,
      package: "helm.sh/helm/v3/cmd/helm",
      variables: {
        "helm.sh/helm/v3/internal/version.version": `v${helm}`,
        "helm.sh/helm/v3/internal/version.metadata": "",
        // The Kubernetes version that `helm template` assumes. The default is too old for Linkerd's charts.
        "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": "1",
        "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": "33",
      },
    },
  },
  {
    name: "etcd",
    version: etcd,
    accepted: ">=3.6.0 <4.0.0",
    versionArguments: ["--version"],
    release: releases.locateEtcd(etcd),
    build: { module: cluster, package: "go.etcd.io/etcd/server/v3", variables: {} },
  },
  describeKubernetesBinary("kube-apiserver", ["--version"]),
  describeKubernetesBinary("kube-controller-manager", ["--version"]),
  describeKubernetesBinary("kube-scheduler", ["--version"]),
  describeKwokBinary("kwokctl"),
  describeKwokBinary("kwok"),
  // kubectl supports servers one minor version older or newer than itself.
  { ...describeKubernetesBinary("kubectl", ["version", "--client"]), accepted: ">=1.35.0 <1.38.0" },
];

function describeBridgedProvider(name: "tls" | "random", version: string, accepted: string): Tool<ToolName> {
  return {
    name: `pulumi-resource-${name}`,
    version,
    accepted,
    versionArguments: ["--version"],
    release: releases.locatePulumiProvider(name, version),
    build: {
      module: engine,
      package: `./${name}`,
      variables: { "linkerd-mesh/sandbox/engine/bridge.Version": version },
    },
  };
}

function describeKubernetesBinary(
  name: "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kubectl",
  versionArguments: string[],
): Tool<ToolName> {
  const [major = "", minor = ""] = kubernetes.split(".");
  const variables: Record<string, string> = {};
  for (const module of ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]) {
    variables[`${module}.gitVersion`] = `v${kubernetes}`;
    variables[`${module}.gitMajor`] = major;
    variables[`${module}.gitMinor`] = minor;
    variables[`${module}.gitTreeState`] = "clean";
  }
  return {
    name,
    version: kubernetes,
    accepted: `>=${major}.${minor}.0 <${major}.${Number(minor) + 1}.0`,
    versionArguments,
    release: releases.locateKubernetes(name, kubernetes),
    build: { module: cluster, package: `k8s.io/kubernetes/cmd/${name}`, variables },
  };
}

function describeKwokBinary(name: "kwok" | "kwokctl"): Tool<ToolName> {
  return {
    name,
    version: kwok,
    accepted: `>=${kwok} <0.9.0`,
    versionArguments: ["--version"],
    release: releases.locateKwok(name, kwok),
    build: {
      module: cluster,
      package: `sigs.k8s.io/kwok/cmd/${name}`,
      variables: { "sigs.k8s.io/kwok/pkg/consts.Version": `v${kwok}` },
    },
  };
}
