/** Runs a program under Pulumi's mocks and tells what it registered. Proves nothing about providers. */
import * as pulumi from "@pulumi/pulumi";
import { disconnect, getMonitor } from "@pulumi/pulumi/runtime/settings.js";
import { makeCertificate } from "./pem.ts";

/** A resource as it reached the engine. */
export interface Registered {
  type: string;
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs are whatever a resource's type says
  inputs: any;
  /** Name of the parent; the empty string under the stack itself. */
  parent: string;
  /** Names of what it waits for, by `dependsOn` or through an input. */
  dependsOn: string[];
}

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getDependenciesList(): string[];
}

const nameOf = (urn: string) => urn.split("::").at(-1) ?? "";
const certificate = makeCertificate("mock.example", 876_000);

/** What providers would add to a resource's inputs, where the components read it. */
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
    case "kubernetes:helm.sh/v3:Release":
      return { status: { status: "deployed" } };
    default:
      return {};
  }
}

/**
 * Runs `program` to its end, as `up` or as a preview, in which providers know no outputs yet; by default in the project
 * of this repository.
 */
export async function register<T>(
  program: () => T,
  options: { preview?: boolean; project?: string } = {},
): Promise<{
  resources: Registered[];
  result: Awaited<T>;
  find: (name: string, type?: string) => Registered;
}> {
  const resources: Registered[] = [];
  const inputs = new Map<string, unknown>();
  await pulumi.runtime.setMocks(
    {
      call: ({ inputs }) => inputs,
      newResource: async (args) => {
        inputs.set(`${args.type}|${args.name}`, args.inputs);
        const known = options.preview && args.custom ? {} : await providerOutputs(args.type, args.name);
        return { id: options.preview ? undefined : `${args.name}-id`, state: { ...args.inputs, ...known } };
      },
    },
    options.project ?? "linkerd-mesh",
    "test",
    options.preview ?? false,
    "organization",
  );
  // Mocks tell neither parents nor dependencies; the requests to the monitor do.
  const monitor = getMonitor() as unknown as {
    registerResource(request: Request, callback: unknown): Promise<void>;
    registerResourceHook(request: unknown, callback: (error: null) => void): void;
  };
  // Mocks say that they have hooks, and have none.
  monitor.registerResourceHook = (_, callback) => callback(null);
  const registerResource = monitor.registerResource.bind(monitor);
  monitor.registerResource = async (request, callback) => {
    await registerResource(request, callback);
    resources.push({
      type: request.getType(),
      name: request.getName(),
      inputs: inputs.get(`${request.getType()}|${request.getName()}`),
      parent: nameOf(request.getParent()),
      dependsOn: request.getDependenciesList().map(nameOf).sort(),
    });
  };
  const result = await program();
  await disconnect();
  const find = (name: string, type?: string) => {
    const found = resources.filter((r) => r.name === name && (type === undefined || r.type === type));
    if (found.length !== 1) throw new Error(`${found.length} resources are named ${name}, expected one`);
    return found[0] as Registered;
  };
  return { resources, result, find };
}

/** The value of an Output. */
export function outputValue<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    output.apply(resolve);
    (output as unknown as { promise(): Promise<T> }).promise().catch(reject);
  });
}

/** What comes of an Output that should fail: each of its promises does, and none may be left unhandled. */
export async function failing(output: unknown): Promise<unknown> {
  const { promise, isKnown, isSecret } = output as Record<"isKnown" | "isSecret", Promise<boolean>> & {
    promise(): Promise<unknown>;
  };
  const value = promise();
  await Promise.allSettled([value, isKnown, isSecret]);
  return value;
}
