/** Adoption of a running mesh: the documented commands, rejected differences, and the adoption itself. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { V1Deployment } from "@kubernetes/client-node";
import type { OpMap, Stack } from "@pulumi/pulumi/automation/index.js";
import { expect } from "vitest";
import { inventory, list } from "./cluster.ts";
import { root } from "./package.ts";
import { readVersions } from "./snapshot.ts";
import { changes, failureOf } from "./stack.ts";

/**
 * Reads the commands of docs/adoption.md, one per line: those of the main part, or those below another heading.
 *
 * @param language `sh` for commands to run, `text` for commands that replace some of them
 */
export function readDocumentedCommands(
  heading = "# Adopting a mesh",
  language: "sh" | "text" = "sh",
): string[] {
  const parts = readFileSync(join(root, "docs", "adoption.md"), "utf8").split(/^(?=#+ [A-Z])/m);
  const part = parts.find((each) => each.startsWith(heading)) ?? "";
  const blocks = part.matchAll(/^```(\w+)\n(.*?)^```/gms);
  return [...blocks].flatMap(([, each, block = ""]) => (each === language ? block.trim().split("\n") : []));
}

/**
 * Asserts that preview and up are rejected with these messages and change nothing in the cluster. Returns the command of
 * each message that keeps the running mesh.
 */
export async function expectRejection(stack: Stack, ...messages: string[]): Promise<string[]> {
  const before = await readObjects();
  const failures = [
    await failureOf((options) => stack.preview(options)),
    await failureOf((options) => stack.up(options)),
  ];
  for (const failure of failures) for (const message of messages) expect(failure).toContain(message);
  expect(await readObjects()).toEqual(before);
  const lines = failures[0]?.split("\n") ?? [];
  return messages.map((message) => readFix(lines.find((line) => line.includes(message)) ?? ""));
}

/** Reads the names of all objects, and the versions of those that nothing but an installation changes. */
async function readObjects() {
  return { names: await inventory(), versions: await readVersions() };
}

/** Reads the command of a message. It is the first fix, or the one that takes the mesh over. */
function readFix(message: string): string {
  const fix = /(?:Fix: |take the mesh over: )((?:pulumi|kubectl) .*?)(?:, then follow .*)?$/.exec(
    message,
  )?.[1];
  if (fix === undefined) throw new Error(`the message has no command: ${message}`);
  return fix;
}

/** Asserts that a preview of an adoption of two releases and a namespace replaces and deletes nothing. */
export async function expectAdoptable(stack: Stack): Promise<void> {
  expectAdoption((await stack.preview()).changeSummary);
}

/** Asserts that `up` adopts two releases and a namespace, and that nothing is left to change. */
export async function expectAdopted(stack: Stack): Promise<void> {
  expectAdoption((await stack.up()).summary.resourceChanges);
  expect(changes((await stack.preview()).changeSummary)).toEqual({});
  for (const { metadata, status } of await list<V1Deployment>("apps/v1", "Deployment", "linkerd")) {
    expect(status?.readyReplicas, metadata?.name).toBe(status?.replicas);
  }
}

function expectAdoption(summary: OpMap | undefined): void {
  expect(changes(summary)).toEqual({ import: 3, update: 3, create: expect.any(Number) });
}
