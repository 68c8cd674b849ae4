import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { discard, packPackage, projectWith, root } from "../support/package.ts";

let tarball: string;
let shop: string;

beforeAll(() => {
  tarball = packPackage();
  shop = projectWith(tarball, "examples/shop");
});

afterAll(() => discard(tarball, shop));

/** Runs a command and returns its output. Throws an error with all of its output if the command fails. */
function run(directory: string, command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, {
      cwd: directory,
      encoding: "utf8",
      env: { ...process.env, FORCE_COLOR: "0" },
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
  }
}
const bin = (name: string) => join(root, "node_modules/.bin", name);

describe("the packed package", () => {
  test("the package has the compiled library, its documents, dashboards and rules, and no program, sandbox or tests", () => {
    const files = run(root, "tar", "-tzf", tarball).trim().split("\n");
    const allowed =
      /^package\/((esm|cjs)\/.*\.(js|d\.ts)|cjs\/package\.json|docs\/.*\.md|dashboards\/.*\.json|alerts\/.*\.yaml|policy\/(package\.json|PulumiPolicy\.yaml)|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/;
    expect(files.filter((file) => !allowed.test(file))).toEqual([]);
    expect(files).toContain("package/esm/components/deployment/meshed-deployment.d.ts");
    expect(files).toContain("package/cjs/deployment/meshed-deployment.js");
    expect(files).toContain("package/docs/settings.md");
    expect(files).toContain("package/esm/verify/probe/serve-http.js");
    expect(files).toContain("package/esm/verify/cleanup/cleaner.js");
    // The acceptance test opens a cluster as the program does.
    const program = files.filter((file) => /\/(stacks|sandbox|test|bench)\//.test(file));
    expect(program.filter((file) => !file.startsWith("package/esm/stacks/cluster/"))).toEqual([]);
    expect(files).toContain("package/dashboards/linkerd-applications.json");
    expect(files).toContain("package/alerts/linkerd.rules.yaml");
  });

  test("publint and are-the-types-wrong accept the package", () => {
    expect(run(root, bin("publint"), "--strict", tarball)).toContain("All good!");
    const attw = (...options: string[]) => run(root, bin("attw"), tarball, ...options);
    expect(attw("--exclude-entrypoints", "verify")).toContain("No problems found");
    // An error of another resolution than those that the profile ignores fails the command.
    expect(attw("--entrypoints", "verify", "--profile", "esm-only")).toMatch(
      /node16 \(from ESM\) │ 🟢 \(ESM\)/,
    );
  });

  test("the package has peer dependencies only, so that a project has one copy of each Pulumi SDK", () => {
    const manifest = JSON.parse(run(root, "tar", "-xzOf", tarball, "package/package.json"));
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(Object.values(manifest.peerDependencies)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\^\d+\.\d+\.\d+$/)]),
    );
  });
});

describe("a project that installs the package", () => {
  const program = `
    import * as pulumi from "@pulumi/pulumi";
    import * as all from "linkerd-mesh";
    import { MeshedDeployment, MeshReference, meshed, meshTransform, type MeshOptions } from "linkerd-mesh";
    const mesh: MeshOptions = { skipSmtp: true, skipOutboundPorts: [pulumi.output(5671), "4000-4010"] };
    export const deploy = (ref: MeshReference | all.ServiceMesh) =>
      new MeshedDeployment("web", {
        spec: { selector: {}, template: { spec: { containers: [{ name: "web" }] } } },
        mesh: { ...mesh, ref },
      });
    export const replicas = (web: MeshedDeployment) => web.status.readyReplicas;
    // @ts-expect-error not a mode of injection
    meshed("Deployment", {}, { inject: "yes" });
    for (const each of [MeshedDeployment, MeshReference, meshed, meshTransform, all.ServiceMesh]) {
      if (typeof each !== "function") throw new Error("something is missing");
    }
    console.log("loaded");
  `;

  test.each([
    ["TypeScript 5 and CommonJS (Pulumi's template)", "typescript-5", "commonjs", "commonjs", "node10"],
    ["TypeScript 5 and ESM", "typescript-5", "module", "nodenext", "nodenext"],
    ["TypeScript 6 and CommonJS", "typescript", "commonjs", "nodenext", "nodenext"],
    ["TypeScript 6 and ESM", "typescript", "module", "nodenext", "nodenext"],
  ])(
    "with %s, a program that uses the package type-checks, compiles and runs",
    (name, compiler, type, module, moduleResolution) => {
      const directory = join(shop, name.replaceAll(/\W+/g, "-"));
      mkdirSync(directory);
      writeFileSync(join(directory, "package.json"), JSON.stringify({ type }));
      writeFileSync(join(directory, "main.ts"), program);
      const compilerOptions = {
        module,
        moduleResolution,
        target: "es2022",
        strict: true,
        skipLibCheck: true,
        outDir: "out",
        rootDir: ".",
        types: ["node"],
      };
      writeFileSync(
        join(directory, "tsconfig.json"),
        JSON.stringify({ compilerOptions, files: ["main.ts"] }),
      );
      run(directory, process.execPath, join(root, "node_modules", compiler, "lib/tsc.js"), "-p", ".");
      expect(run(directory, process.execPath, "out/main.js")).toBe("loaded\n");
    },
  );

  test("the acceptance test runs from the package as an ES module", () => {
    const directory = join(shop, "verify");
    mkdirSync(directory);
    writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(
      join(directory, "main.js"),
      `import { VerifyError, verifyMesh } from "linkerd-mesh/verify";
       const error = await verifyMesh({ context: "missing" }).catch((error) => error);
       console.log(error instanceof VerifyError, error.message);`,
    );
    const kubeconfig = join(directory, "kubeconfig");
    writeFileSync(kubeconfig, "apiVersion: v1\nkind: Config\n");
    expect(run(directory, "env", `KUBECONFIG=${kubeconfig}`, process.execPath, "main.js")).toMatch(
      /^true context: must select a cluster/,
    );
  });

  test("Pulumi starts the policy pack of the package", async () => {
    const pack = join(shop, "node_modules/linkerd-mesh/policy");
    const start = createRequire(join(pack, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
    const host = spawn(process.execPath, [start, "127.0.0.1:1", "."], { cwd: pack, stdio: "pipe" });
    try {
      let errors = "";
      host.stderr.on("data", (text) => {
        errors += text;
      });
      // A pack prints the port of its server, which it only has after all of its policies are valid.
      const port = await Promise.race([once(host.stdout, "data"), once(host, "exit")]);
      expect(`${port}${errors}`).toMatch(/^\d+\n$/);
    } finally {
      host.kill();
    }
  });

  test("the example and the template type-check against the package", () => {
    const template = join(shop, "template");
    mkdirSync(template);
    run(
      root,
      "cp",
      ...["index.ts", "tsconfig.json"].map((file) => join("templates/meshed-service", file)),
      template,
    );
    for (const directory of [shop, template]) run(directory, bin("tsc"), "-p", ".");
  });
});
