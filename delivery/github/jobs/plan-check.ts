/** The arguments of `linkerd check`: pure. */
import type { StackFile } from "./stack-file.ts";

/**
 * Reads the output `linkerdVersion` of a stack. It becomes a part of a URL, so that it must be a tag of Linkerd.
 *
 * @throws Error for another text
 */
export function requireVersion(output: string): string {
  const version = output.trim();
  if (/^edge-\d+\.\d+\.\d+$/.test(version)) return version;
  throw new Error(
    `linkerdVersion: must be a release of Linkerd's edge channel, such as edge-26.8.3, got ${JSON.stringify(version)}. Fix: ` +
      "run `pulumi up`, which writes this output.",
  );
}

/** Warnings, such as that a newer version exists, do not fail the check. */
export function planCheck(version: string, stackFile: StackFile | undefined): string[] {
  const read = (name: string) => stackFile?.getSetting(name);
  const args = ["check", "--output", "short", "--wait", "5m", "--expected-version", version];
  args.push("--linkerd-namespace", read("linkerd-mesh:namespace") ?? "linkerd");
  if (read("linkerd-mesh:cni") === "true") args.push("--linkerd-cni-enabled");
  const context = read("kubernetes:context");
  return context === undefined ? args : [...args, "--context", context];
}
