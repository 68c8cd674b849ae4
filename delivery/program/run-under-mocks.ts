/** Runs a program under Pulumi's mocks, and reports the registrations as the engine would receive them. */
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { CallbackServer } from "@pulumi/pulumi/runtime/callbacks.js";
import * as settings from "@pulumi/pulumi/runtime/settings.js";
import * as state from "@pulumi/pulumi/runtime/state.js";
import { applyTransform, type Transform } from "./apply-transforms.ts";

// Exported by the SDK, but not declared in its types (@pulumi/pulumi, runtime/state.js and runtime/settings.js).
const { getStore } = state as unknown as { getStore(): { callbacks: CallbackServer } };
const { _setIsDryRun } = settings as unknown as { _setIsDryRun(value: boolean): void };

/** A registration of a resource. */
export interface Registration {
  /** The request. Its object has secrets in the engine's envelope. */
  readonly request: RegisterResourceRequest;
  /** The inputs. A property that contains a secret is the SDK's envelope of a secret. */
  // biome-ignore lint/suspicious/noExplicitAny: the type of the inputs depends on the resource's type
  readonly inputs: any;
}

/** The stack that a program runs as, and the outputs of its providers. */
export interface MockedStack {
  readonly project: string;
  readonly stack: string;
  /** Whether the run is a preview. In a preview, resources have no ID. */
  readonly preview: boolean;
  /** The outputs of a resource that differ from its inputs. They may contain secret Outputs. */
  readonly provide: (resource: pulumi.runtime.MockResourceArgs) => Promise<object>;
}

type Respond = (error: Error | null, response?: { getUrn(): string }) => void;

/** The methods of the mocks' monitor that are replaced here. */
interface Monitor {
  registerResource(request: RegisterResourceRequest, respond: Respond): Promise<void>;
  registerResourceHook(request: unknown, respond: Respond): void;
  registerStackTransform(callback: { getToken(): string }, respond: Respond): void;
}

/**
 * Runs `program` to completion. Every function of a provider returns its arguments. Mocks are global, so that only one
 * program runs at a time.
 */
export async function runUnderMocks<T>(
  program: () => T,
  { project, stack, preview, provide }: MockedStack,
): Promise<{ registrations: Registration[]; result: Awaited<T> }> {
  const registrations: Registration[] = [];
  const inputs = new Map<string, unknown>();
  const newResource = async (args: pulumi.runtime.MockResourceArgs) => {
    inputs.set(`${args.type}|${args.name}`, args.inputs);
    const state = { ...args.inputs, ...nameMetadata(args), ...(await provide(args)) };
    return { id: preview ? undefined : `${args.name}-id`, state };
  };
  const mocks = { call: ({ inputs }: pulumi.runtime.MockCallArgs) => inputs, newResource };
  await pulumi.runtime.setMocks(mocks, project, stack, preview, "organization");
  // Mocks report neither parents nor dependencies. The requests to the monitor contain both.
  const monitor = settings.getMonitor() as unknown as Monitor;
  // Mocks announce support for resource hooks but do not implement them.
  monitor.registerResourceHook = (_, respond) => respond(null);
  const callbacks = createCallbacks(monitor);
  getStore().callbacks = callbacks as unknown as CallbackServer;
  const ofStack: string[] = [];
  monitor.registerStackTransform = (callback, respond) => {
    ofStack.push(callback.getToken());
    respond(null);
  };
  const ofResources = new Map<string, readonly string[]>();
  const registerResource = monitor.registerResource.bind(monitor);
  monitor.registerResource = async (request, respond) => {
    const own = request.getTransformsList().map((callback) => callback.getToken());
    const tokens = [...own, ...(ofResources.get(request.getParent()) ?? ofStack)];
    try {
      for (const token of tokens) await applyTransform(request, callbacks._callbacks.get(token) as Transform);
    } catch (error) {
      respond(error as Error);
      return;
    }
    await registerResource(request, (error, response) => {
      if (response !== undefined) ofResources.set(response.getUrn(), tokens);
      respond(error, response);
    });
    registrations.push({ request, inputs: inputs.get(`${request.getType()}|${request.getName()}`) });
  };
  try {
    const result = await withoutStackTraces(async () => {
      const returned = await program();
      await settings.disconnect();
      return returned;
    });
    return { registrations, result };
  } finally {
    // What runs afterwards is not part of the preview.
    _setIsDryRun(false);
  }
}

/**
 * The callbacks of a program without the server that an engine would call. The SDK starts the server for the first hook or
 * transform (@pulumi/pulumi, runtime/callbacks.js), which needs the loopback interface.
 */
function createCallbacks(monitor: unknown): { _callbacks: ReadonlyMap<string, Transform> } {
  return Object.assign(Object.create(CallbackServer.prototype), {
    _callbacks: new Map(),
    _pendingRegistrations: 0,
    _awaitQueue: [],
    _monitor: monitor,
    _target: Promise.resolve("mocks"),
    shutdown: () => {},
  });
}

/** Mocks the name that the Kubernetes provider generates for an object without one. */
function nameMetadata({ type, name, inputs: { metadata } }: pulumi.runtime.MockResourceArgs): object {
  const isObject = type.startsWith("kubernetes:") && metadata !== undefined && !metadata.name;
  return isObject ? { metadata: { ...metadata, name: `${name}-generated` } } : {};
}

/**
 * Pulumi formats a stack trace for each of its promises (`debuggablePromise` of its runtime), which takes most of the
 * time of a program under mocks. Errors of the program have no stack trace either.
 */
async function withoutStackTraces<T>(run: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The name in a URN. */
export const nameOf = (urn: string) => urn.split("::").at(-1) ?? "";
