/**
 * Checks the workflows with actionlint. Only the tools of this project are used, so that the result does not depend on
 * whether a machine has shellcheck or pyflakes. test/unit/workflows checks what actionlint does not know.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createProgress, obtainTools, workflowTools } from "../sandbox/tools/index.ts";

const { paths } = await obtainTools(createProgress(), workflowTools);
const linter = spawn(paths.actionlint, ["-shellcheck=", "-pyflakes="], { stdio: "inherit" });
const [code] = await once(linter, "close");
process.exitCode = code ?? 1;
