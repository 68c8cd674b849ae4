/** Runs a program under Pulumi's mocks and returns what it registered. Proves nothing about providers. */
import type * as pulumi from "@pulumi/pulumi";
import { nameOf, runUnderMocks } from "../../delivery/program/run-under-mocks.ts";
import { makeCertificate } from "./pem.ts";

/** A resource registration as the engine receives it. */
export interface Registered {
  type: string;
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the type of the inputs depends on the resource's type
  inputs: any;
  /** Name of the parent. Empty for children of the stack. */
  parent: string;
  /** Names of the resources it depends on, by `dependsOn` or through an input. */
  dependsOn: string[];
  /** Resource options that the engine receives. */
  options: { ignoreChanges: string[]; protect: boolean; retainOnDelete: boolean };
}

const certificate = makeCertificate("mock.example", 876_000);

/** Mocks the outputs of providers that the components read. */
async function providerOutputs(type: string, name: string): Promise<Record<string, unknown>> {
  switch (type) {
    case "tls:index/privateKey:PrivateKey":
      return { privateKeyPemPkcs8: `key of ${name}` };
    case "tls:index/certRequest:CertRequest":
      return { certRequestPem: `request of ${name}` };
    case "tls:index/selfSignedCert:SelfSignedCert":
    case "tls:index/locallySignedCert:LocallySignedCert":
      return { certPem: (await certificate).certPem };
    case "random:index/randomInteger:RandomInteger":
      return { result: 754 };
    case "random:index/randomPassword:RandomPassword":
      return { result: `password of ${name}`, bcryptHash: `$2a$10$hash of ${name}` };
    case "kubernetes:helm.sh/v3:Release":
      return { status: { status: "deployed" } };
    case "kubernetes:apps/v1:Deployment":
      return { status: { readyReplicas: 3 } };
    default:
      return {};
  }
}

/**
 * Runs `program` to completion under mocks, as an `up` or as a preview. In a preview, provider outputs are unknown.
 *
 * @param options.preview Whether to run a preview. @default false
 * @param options.project Name of the project. @default "linkerd-mesh"
 * @returns The registered resources, the program's result, and a function that finds one resource by name. It throws
 *   unless exactly one resource matches.
 */
export async function register<T>(
  program: () => T,
  options: { preview?: boolean; project?: string } = {},
): Promise<{
  resources: Registered[];
  result: Awaited<T>;
  find: (name: string, type?: string) => Registered;
}> {
  const { registrations, result } = await runUnderMocks(program, {
    project: options.project ?? "linkerd-mesh",
    stack: "test",
    preview: options.preview ?? false,
    provide: async ({ type, name, custom }) => (options.preview && custom ? {} : providerOutputs(type, name)),
  });
  const resources: Registered[] = registrations.map(({ request, inputs }) => ({
    type: request.getType(),
    name: request.getName(),
    inputs,
    parent: nameOf(request.getParent()),
    dependsOn: request.getDependenciesList().map(nameOf).sort(),
    options: {
      ignoreChanges: request.getIgnorechangesList(),
      protect: request.getProtect() ?? false,
      retainOnDelete: request.getRetainondelete() ?? false,
    },
  }));
  const find = (name: string, type?: string) => {
    const found = resources.filter((r) => r.name === name && (type === undefined || r.type === type));
    if (found.length !== 1) throw new Error(`${found.length} resources are named ${name}, expected one`);
    return found[0] as Registered;
  };
  return { resources, result, find };
}

/** Waits for the value of an Output. */
export function outputValue<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    output.apply(resolve);
    (output as unknown as { promise(): Promise<T> }).promise().catch(reject);
  });
}

/**
 * Waits for an Output that should fail: the returned promise rejects with its error. Every promise of a failed Output
 * rejects, so all of them are handled here.
 */
export async function failing(output: unknown): Promise<unknown> {
  const { promise, isKnown, isSecret } = output as Record<"isKnown" | "isSecret", Promise<boolean>> & {
    promise(): Promise<unknown>;
  };
  const value = promise();
  await Promise.allSettled([value, isKnown, isSecret]);
  return value;
}
