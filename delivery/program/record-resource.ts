/** Reads a resource from the request with which the program registers it. */
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { toRecordedValue } from "./placeholders.ts";
import type { Json, RecordedOptions, RecordedResource } from "./recorded-stack.ts";
import { nameOf } from "./run-under-mocks.ts";

/** The resource that a request registers. */
export function toRecordedResource(request: RegisterResourceRequest): RecordedResource {
  const parent = nameOf(request.getParent());
  return {
    type: request.getType(),
    name: request.getName(),
    parent,
    dependsOn: [...new Set(request.getDependenciesList().map(nameOf))]
      .filter((name) => name !== parent)
      .sort(),
    options: readOptions(request),
    inputs: toRecordedValue(request.getObject()?.toJavaScript() ?? {}) as RecordedResource["inputs"],
  };
}

/** The options that differ from their defaults. */
function readOptions(request: RegisterResourceRequest): RecordedOptions {
  const given = {
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    deleteBeforeReplace: request.getDeletebeforereplace(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    aliases: readAliases(request),
    import: request.getImportid(),
    deletedWith: nameOf(request.getDeletedwith()),
    customTimeouts: readTimeouts(request),
    provider: request.getProvider(),
    hooks: readHooks(request),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => !isDefault(value)));
}

function isDefault(value: unknown): boolean {
  return !value || (typeof value === "object" && Object.keys(value).length === 0);
}

/**
 * The aliases that the program gives. The Kubernetes SDK gives each of its resources the types of its earlier API
 * versions as aliases: they differ from the resource by nothing else.
 */
function readAliases(request: RegisterResourceRequest): Json[] {
  const urns = [
    ...request.getAliasurnsList(),
    ...request.getAliasesList().map((alias) => alias.getUrn()),
  ].filter((urn) => urn !== "");
  const specs = request.getAliasesList().flatMap((alias) => {
    const { name, type, stack, project, parenturn, noparent } = alias.getSpec()?.toObject() ?? {};
    const parent = parenturn === request.getParent() ? "" : nameOf(parenturn ?? "");
    const spec = { name, type, stack, project, parent, noParent: noparent };
    const given = Object.fromEntries(Object.entries(spec).filter(([, value]) => value)) as Record<
      string,
      Json
    >;
    const isFromSdk = Object.keys(given).join() === "type" && isOtherVersion(request.getType(), type);
    return isFromSdk ? [] : [given];
  });
  return [...urns, ...specs];
}

/** Whether both are types of one kind of Kubernetes: `kubernetes:<group>/<version>:<kind>`. */
function isOtherVersion(type: string, alias: string | undefined): boolean {
  const [, kind] = /^kubernetes:[^:]+:(\w+)$/.exec(type) ?? [];
  return (
    kind !== undefined &&
    (alias?.startsWith("kubernetes:") ?? false) &&
    (alias?.endsWith(`:${kind}`) ?? false)
  );
}

function readTimeouts(request: RegisterResourceRequest): Record<string, string> {
  const timeouts = (request.getCustomtimeouts()?.toObject() ?? {}) as Record<string, string>;
  return Object.fromEntries(Object.entries(timeouts).filter(([, value]) => value !== ""));
}

function readHooks(request: RegisterResourceRequest): Record<string, string[]> {
  const hooks = Object.entries(request.getHooks()?.toObject() ?? {}) as [string, string[]][];
  return Object.fromEntries(
    hooks.filter(([, names]) => names.length > 0).map(([key, names]) => [key.replace(/List$/, ""), names]),
  );
}
