import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
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

/** What a command prints; throws with all of it when it fails. */
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
  test("holds the compiled library and nothing of the program, the sandbox or the tests", () => {
    const files = run(root, "tar", "-tzf", tarball).trim().split("\n");
    const strange = files.filter((file) => !/^package\/(dist\/|package\.json|README\.md|LICENSE)/.test(file));
    expect(strange).toEqual([]);
    expect(files).toContain("package/dist/esm/components/meshed-deployment.d.ts");
    expect(files).toContain("package/dist/cjs/components/meshed-deployment.js");
    expect(files.filter((file) => /\/stacks\/(?!mesh-reference\.)|sandbox/.test(file))).toEqual([]);
  });

  test("publint and are-the-types-wrong find nothing wrong", () => {
    expect(run(root, bin("publint"), "--strict", tarball)).toContain("All good!");
    expect(run(root, bin("attw"), tarball)).toContain("No problems found");
  });

  test("brings no dependency of its own along, so that there is one of each of Pulumi's", () => {
    const manifest = JSON.parse(run(root, "tar", "-xzOf", tarball, "package/package.json"));
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(Object.values(manifest.peerDependencies)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\^\d+\.\d+\.\d+$/)]),
    );
  });
});

describe("in a project of others", () => {
  const program = `
    import * as pulumi from "@pulumi/pulumi";
    import * as all from "linkerd-mesh";
    import { MeshedDeployment, MeshReference, meshed, meshTransform, type MeshOptions } from "linkerd-mesh";
    const mesh: MeshOptions = { skipSmtp: true, skipOutboundPorts: [pulumi.output(5671), "4000-4010"] };
    export const deploy = (ref: MeshReference | all.ServiceMesh) =>
      new MeshedDeployment("web", {
        spec: { selector: {}, template: { spec: { containers: [{ name: "web" }] } } },
        mesh: { ...mesh, from },
      });
    // @ts-expect-error there is no such mode
    meshed("Deployment", {}, { inject: "yes" });
    for (const each of [MeshedDeployment, MeshReference, meshed, meshTransform, all.ServiceMesh]) {
      if (typeof each !== "function") throw new Error("something is missing");
    }
    console.log("loaded");
  `;

  test.each([
    ["TypeScript 5, CommonJS, Pulumi's own template", "typescript-5", "commonjs", "commonjs", "node10"],
    ["TypeScript 5, ESM", "typescript-5", "module", "nodenext", "nodenext"],
    ["TypeScript 6, CommonJS", "typescript", "commonjs", "nodenext", "nodenext"],
    ["TypeScript 6, ESM", "typescript", "module", "nodenext", "nodenext"],
  ])("%s: it type-checks, compiles and loads", (name, compiler, type, module, moduleResolution) => {
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
    writeFileSync(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
    run(directory, process.execPath, join(root, "node_modules", compiler, "lib/tsc.js"), "-p", ".");
    expect(run(directory, process.execPath, "out/main.js")).toBe("loaded\n");
  });

  test("the example and the template type-check against it", () => {
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
