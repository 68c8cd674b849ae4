/** Finds a Prometheus 2, which viz installs: on PATH, or in Debian's package, which is unpacked and not installed. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { metricsTools } from "../../../sandbox/tools/index.ts";
import { findOnPath } from "../../../sandbox/tools/on-path.ts";
import { unpackPackages } from "../debian.ts";

/** The oldest version that is supported is that of Debian 12. */
const ACCEPTED = ">=2.42.0 <3.0.0";

/** Returns its path, or why there is none. */
export async function findPrometheus2(): Promise<{ readonly path: string } | { readonly missing: string }> {
  const [prometheus] = metricsTools;
  const found = prometheus && (await findOnPath({ ...prometheus, accepted: ACCEPTED }));
  return found && "path" in found ? found : unpackDebianPackage();
}

async function unpackDebianPackage(): Promise<{ readonly path: string } | { readonly missing: string }> {
  try {
    const directory = await unpackPackages("prometheus");
    const isVersion2 = readdirSync(directory).some((name) => name.startsWith("prometheus_2."));
    if (!isVersion2) return { missing: "Debian's package is not Prometheus 2" };
    return { path: join(directory, "usr", "bin", "prometheus") };
  } catch (error) {
    return { missing: String(error).split("\n", 1).join() };
  }
}
