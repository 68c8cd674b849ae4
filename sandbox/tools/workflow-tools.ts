import type { GoModule, Tool } from "./catalog.ts";
import { locateActionlint } from "./releases.ts";

const workflows: GoModule = { name: "workflows" };

const version = "1.7.12";

/** The tools that only `npm run lint:workflows` obtains. The sandbox starts without them. */
export const workflowTools: readonly Tool<"actionlint">[] = [
  {
    name: "actionlint",
    version,
    accepted: ">=1.7.12 <2.0.0",
    versionArguments: ["-version"],
    release: locateActionlint(version),
    build: {
      module: workflows,
      package: "github.com/rhysd/actionlint/cmd/actionlint",
      variables: { "github.com/rhysd/actionlint.version": version },
    },
  },
];
