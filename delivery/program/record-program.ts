/** Records what the program registers for a stack, without a cluster, a network and credentials. */
import * as pulumi from "@pulumi/pulumi";
import { meshStack } from "../../stacks/mesh.ts";
import { PROJECT } from "../../stacks/settings/messages/project.ts";
import { compareText } from "../objects/compare-text.ts";
import { groupDependencies } from "./group-dependencies.ts";
import { toRecordedOutput } from "./placeholders.ts";
import { toRecordedResource } from "./record-resource.ts";
import type { RecordedStack } from "./recorded-stack.ts";
import { runUnderMocks } from "./run-under-mocks.ts";
import { sortResources } from "./sort-resources.ts";
import { readStackConfiguration, SECRET, type StackConfiguration } from "./stack-files.ts";
import { replaceEncryptedKeys } from "./stand-in-keys.ts";
import { createProvider } from "./stand-in-provider.ts";

/** {@link recordStack} */
export interface RecordOptions {
  /** Settings that replace those of the stack, without the prefix of the project. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Where `Pulumi.yaml` and the files of the stacks are. @default the root of the repository */
  readonly directory?: string;
}

/**
 * Runs the program of this project for a stack that was never deployed, and returns what it registers. Rejects with the
 * error of the program if the settings of the stack are invalid.
 *
 * @param stack `<stack>` of a file `Pulumi.<stack>.yaml`, or `sandbox`
 */
export async function recordStack(stack: string, options: RecordOptions = {}): Promise<RecordedStack> {
  // Mocks and configuration are global, so one program runs after the other.
  const recording = last.then(() => record(stack, options));
  last = recording.catch(() => {});
  return recording;
}

let last: Promise<unknown> = Promise.resolve();

async function record(stack: string, { config, directory }: RecordOptions): Promise<RecordedStack> {
  const { values, secretKeys } = await withStandInKeys(readStackConfiguration(stack, config, directory));
  const before = pulumi.runtime.allConfig();
  // All certificates of a recording end at the same time, or hours apart, so their order is the same in each.
  const notBefore = new Date(Math.floor(Date.now() / 1000) * 1000);
  try {
    pulumi.runtime.setAllConfig(values, [...secretKeys]);
    const { registrations, result } = await runUnderMocks(() => meshStack({ preflight: false }), {
      project: PROJECT,
      stack,
      preview: false,
      provide: createProvider(notBefore),
    });
    return {
      stack,
      resources: groupDependencies(
        sortResources(registrations.map(({ request }) => toRecordedResource(request))),
      ),
      outputs: await resolveOutputs(result),
    };
  } finally {
    pulumi.runtime.setAllConfig(before);
  }
}

/** The configuration with keys in place of encrypted ones. */
async function withStandInKeys({ values, secretKeys }: StackConfiguration): Promise<StackConfiguration> {
  const certificates = `${PROJECT}:certificates`;
  const text = values[certificates];
  if (text === undefined || !secretKeys.includes(certificates) || text === SECRET)
    return { values, secretKeys };
  const replaced = JSON.stringify(await replaceEncryptedKeys(JSON.parse(text)));
  return { values: { ...values, [certificates]: replaced }, secretKeys };
}

/** The outputs of the stack with placeholders. A secret one is `[secret]` entirely. */
async function resolveOutputs(outputs: Readonly<Record<string, unknown>>): Promise<RecordedStack["outputs"]> {
  const entries = Object.entries(outputs).map(async ([name, value]) => {
    const output = pulumi.output(value) as unknown as {
      isSecret: Promise<boolean>;
      promise(): Promise<unknown>;
    };
    const resolved = await output.promise();
    return [name, (await output.isSecret) ? SECRET : toRecordedOutput(resolved)] as const;
  });
  return Object.fromEntries((await Promise.all(entries)).sort(([a], [b]) => compareText(a, b)));
}
