import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../support/package.ts";
import { findUnexportedTypes } from "../support/public-types.ts";

/** The problems of an entry that exports everything of one module, which are given as texts. */
function problemsOf(module: string, index: string): string[] {
  const files: Record<string, string> = { "/package/index.ts": index, "/package/module.ts": module };
  return findUnexportedTypes("/package/index.ts", (path) => files[path]);
}

test("every type that an exported declaration names is exported, and every public member has a type annotation", () => {
  expect(findUnexportedTypes(join(root, "components/index.ts"))).toEqual([]);
});

test("a type that is not exported is found in every place where an exported declaration names it", () => {
  const module = `
    interface Hidden {}
    export interface Base extends Hidden { field: Hidden[] }
    export type Union = string | { [key in string]: Hidden };
    export class Component<T extends Hidden> {
      public readonly output: Promise<Hidden>;
      #secret: Hidden;
      private key: Hidden;
      constructor(args: Hidden) { const local: Hidden = args; }
      get value(): Hidden { return {}; }
      method(parameter: Hidden): void {}
    }
    export function create<T>(given: T, ...rest: Hidden[]): typeof hidden {}
    const hidden: Hidden = {};
    export class Other implements Hidden {}
  `;
  const index = 'export { Base, type Union as Renamed, Component, create, Other } from "./module.ts";';
  expect(problemsOf(module, index)).toEqual([
    "module.ts: Base names Hidden",
    "module.ts: Component names Hidden",
    "module.ts: Other names Hidden",
    "module.ts: Union names Hidden",
    "module.ts: create names Hidden",
    "module.ts: create names hidden",
  ]);
});

test("private members, bodies, exported types under another name and types of packages are not problems", () => {
  const module = `
    import * as pulumi from "@pulumi/pulumi";
    interface Hidden {}
    export interface Args { input: pulumi.Input<string>; map: Map<string, Args> }
    export class Component {
      #secret: Hidden;
      private readonly key: Hidden;
      constructor(args: Args) { const local: Hidden = args; }
    }
    export type Key<T> = keyof T;
  `;
  expect(
    problemsOf(module, 'export { type Args as ComponentArgs, Component, type Key } from "./module.ts";'),
  ).toEqual([]);
});

test("a public member without a type annotation is found", () => {
  const module = `
    export const value = 1;
    export class Component {
      field = 1;
      constructor(name) {}
      method(parameter) {}
    }
    export function create() {}
  `;
  expect(problemsOf(module, 'export * from "./module.ts";')).toEqual([
    "module.ts: Component.constructor(name) has no type annotation",
    "module.ts: Component.field has no type annotation",
    "module.ts: Component.method has no type annotation",
    "module.ts: Component.method(parameter) has no type annotation",
    "module.ts: create() has no type annotation",
    "module.ts: value has no type annotation",
  ]);
});
