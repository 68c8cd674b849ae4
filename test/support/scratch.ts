/** Gives a test run its own temporary directory, and deletes it afterwards. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export default function setup() {
  const scratch = mkdtempSync(join(tmpdir(), "linkerd-mesh-test-"));
  process.env.TMPDIR = scratch;
  return () => rmSync(scratch, { recursive: true, force: true });
}
