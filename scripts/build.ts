/**
 * `npm run build`: compiles the library and writes the package that is published to `dist/`.
 *
 * The repository is a Pulumi program with dependencies of its own (zod, yaml, the Kubernetes client). The published
 * library has peer dependencies only: its manifest is written here, and `npm run package` packs `dist/` instead of the repository.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

/** Fields that the package's manifest shares with the repository's. */
const SHARED_FIELDS = [
  "name",
  "version",
  "description",
  "license",
  "keywords",
  "homepage",
  "bugs",
  "repository",
  "type",
  "engines",
] as const;

/** Dependencies of the repository that `linkerd-mesh/verify` needs. Programs that do not import it need no copy of them. */
const VERIFY_PACKAGES = ["@kubernetes/client-node", "yaml"] as const;

/** Where each module system finds the library, relative to the package. */
const ENTRY_POINTS = {
  main: "./cjs/index.js",
  types: "./cjs/index.d.ts",
  exports: {
    ".": {
      import: { types: "./esm/components/index.d.ts", default: "./esm/components/index.js" },
      require: { types: "./cjs/index.d.ts", default: "./cjs/index.js" },
    },
    // ESM only: its scripts find each other by `import.meta`.
    "./verify": { types: "./esm/verify/index.d.ts", default: "./esm/verify/index.js" },
    "./package.json": "./package.json",
  },
};

/** The policy pack: Pulumi loads the main file of a directory, and Node loads no TypeScript in `node_modules`. */
const POLICY_PACKAGE = "@pulumi/policy";
const POLICY_MAIN = "../esm/policy/index.js";

const DOCUMENTS = ["README.md", "CHANGELOG.md", "LICENSE", "docs", "dashboards", "alerts"];

/** Compiles the library with a TypeScript configuration. Exits with the compiler's status where that fails. */
function compile(configuration: string): void {
  const tsc = join(root, "node_modules/typescript/lib/tsc.js");
  const { status } = spawnSync(process.execPath, [tsc, "-p", configuration], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** Writes a `package.json` below `dist/`. */
function writeManifest(path: string, manifest: object): void {
  writeFileSync(join(dist, path), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

rmSync(dist, { recursive: true, force: true });
compile("tsconfig.build.json");
compile("tsconfig.build-cjs.json");
writeManifest("cjs/package.json", { type: "commonjs" });
writeManifest("package.json", {
  ...Object.fromEntries(SHARED_FIELDS.map((field) => [field, manifest[field]])),
  ...ENTRY_POINTS,
  peerDependencies: {
    ...manifest.peerDependencies,
    ...Object.fromEntries(VERIFY_PACKAGES.map((name) => [name, `^${manifest.dependencies[name]}`])),
    [POLICY_PACKAGE]: `^${manifest.devDependencies[POLICY_PACKAGE]}`,
  },
  peerDependenciesMeta: Object.fromEntries(
    [...VERIFY_PACKAGES, POLICY_PACKAGE].map((name) => [name, { optional: true }]),
  ),
});
mkdirSync(join(dist, "policy"));
cpSync(join(root, "policy/PulumiPolicy.yaml"), join(dist, "policy/PulumiPolicy.yaml"));
writeManifest("policy/package.json", { private: true, version: manifest.version, main: POLICY_MAIN });
// README.md links to the pictures in the repository. The package has no copy of them, nor of the tools that draw them.
const pictures = join(root, "docs/pictures");
for (const document of DOCUMENTS) {
  cpSync(join(root, document), join(dist, document), {
    recursive: true,
    filter: (source) => source !== pictures,
  });
}
