/** Validation of arguments: every issue is collected, then all are reported in one error. */
import * as pulumi from "@pulumi/pulumi";
import { containsOutput } from "./outputs.ts";

/** Keys that lead from the arguments to a value, e.g. `["ports", "opaque", 0]`. */
export type Path = readonly (string | number)[];

/** One way to resolve an issue. It names arguments; `stacks/` turns it into a command. */
export type Fix =
  /** Give the argument a value that meets the requirement. */
  | { readonly kind: "change" }
  /** Leave the argument out. */
  | { readonly kind: "remove" }
  /** Set another argument. */
  | { readonly kind: "set"; readonly path: Path; readonly value: string | number | boolean }
  /** Anything else: an imperative sentence without its full stop, or a shell command. */
  | { readonly kind: "instruction"; readonly text: string }
  /** Shell commands that resolve the issue completely. */
  | { readonly kind: "command"; readonly text: string };

/** Something that is wrong with an argument. */
export interface ValidationIssue {
  readonly path: Path;
  /**
   * The requirement, as the rest of a sentence that begins with the path: `must be a port from 1 to 65535`. It quotes
   * nothing that was given, because the value may be secret.
   */
  readonly reason: string;
  /** The given value. Absent where it is not known, or must not be shown. */
  readonly got?: string | undefined;
  /** Why the requirement exists: one sentence without its full stop. It quotes nothing that was given. */
  readonly because?: string | undefined;
  /** Another argument that this one conflicts with. */
  readonly conflictsWith?: Path | undefined;
  /** Ways to resolve it, the best first. @default [{ kind: "change" }] */
  readonly fixes?: readonly Fix[] | undefined;
}

/** Reports an issue with the value that is being read; `path` continues the value's own. */
export type Reject = (issue: Omit<ValidationIssue, "path"> & { path?: Path }) => undefined;

/** Turns a value into the value that is used. Returns `undefined` after calling `reject`. */
export type Reader<T, R> = (value: T, reject: Reject) => R | undefined;

/** A path as it is written in code: `ports.opaque[0]`, `annotations["linkerd.io/inject"]`. */
export function formatPath(path: Path): string {
  return path
    .map((key, index) => {
      if (typeof key === "number") return `[${key}]`;
      if (!/^[\w-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join("");
}

/** A value as messages show it. Never call it with a secret. */
export function formatValue(value: unknown): string {
  return value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value));
}

/** `<path>: must be …, got …. <Why>. Fix: <instruction>.` The fix is left out where the requirement is enough. */
export function formatIssue(issue: ValidationIssue): string {
  const fixes = (issue.fixes ?? []).map((fix) => formatFix(issue.path, fix)).filter((fix) => fix !== "");
  return joinIssue(formatPath(issue.path), issue, fixes);
}

/** The one form of an issue, whatever its path and its fixes are called. */
export function joinIssue(
  path: string,
  { reason, got, because }: ValidationIssue,
  fixes: readonly string[],
): string {
  const requirement = `${path}: ${reason}${got === undefined ? "" : `, got ${got}`}.`;
  const fix = fixes.length > 0 ? `Fix: ${fixes.join(", or ")}` : undefined;
  return [requirement, because && `${because}.`, fix].filter(Boolean).join(" ");
}

function formatFix(path: Path, fix: Fix): string {
  switch (fix.kind) {
    case "change":
      return "";
    case "remove":
      return `remove ${formatPath(path)}`;
    case "set":
      return `set ${formatPath(fix.path)} to ${formatValue(fix.value)}`;
    case "instruction":
    case "command":
      return fix.text;
  }
}

/** How a {@link ValidationError} is printed. */
export interface ErrorFormat {
  /** The word for one of the values. @default "argument" */
  readonly noun?: string | undefined;
  /** Prints an issue. @default {@link formatIssue} */
  readonly format?: ((issue: ValidationIssue) => string) | undefined;
}

/** All issues with the arguments of one component or stack. Pulumi prints it without a stack trace. */
export class ValidationError extends pulumi.RunError {
  readonly issues: readonly ValidationIssue[];

  /**
   * @param subject what the arguments belong to, e.g. `ServiceMesh "linkerd"`
   */
  constructor(
    subject: string,
    issues: readonly ValidationIssue[],
    { noun = "argument", format = formatIssue }: ErrorFormat = {},
  ) {
    const header = `${subject} has ${issues.length} invalid ${noun}${issues.length === 1 ? "" : "s"}:`;
    super([header, ...issues.map(format)].join("\n- "));
    this.issues = issues;
  }
}

/**
 * Collects issues with values that are known now, to report them together and before anything is registered. Values
 * inside Outputs are checked when they resolve, and reported one by one.
 */
export class IssueCollector {
  readonly #subject: string;
  readonly #issues: ValidationIssue[] = [];
  #reported = false;
  #resource: pulumi.Resource | undefined;

  /** @param subject what the arguments belong to, e.g. `MeshedDeployment "web"` */
  constructor(subject: string) {
    this.#subject = subject;
  }

  /** The issues so far. */
  get issues(): readonly ValidationIssue[] {
    return this.#issues;
  }

  /** Adds issues. After {@link assertValid}, which is inside an Output, it throws at once. */
  add(...issues: readonly ValidationIssue[]): void {
    this.#issues.push(...issues);
    if (this.#reported) this.assertValid();
  }

  /** Adds an issue for every key of `given` that is not in `known`, with the new name of one that was renamed. */
  addUnknownKeys(
    path: Path,
    given: object,
    known: readonly string[],
    renamed: Readonly<Record<string, string>> = {},
  ): void {
    for (const key of Object.keys(given)) {
      if (known.includes(key)) continue;
      const newName = Object.hasOwn(renamed, key) ? renamed[key] : undefined;
      this.add(
        newName === undefined
          ? {
              path: [...path, key],
              reason: "unknown field",
              because: `Known fields: ${known.join(", ")}`,
              fixes: [{ kind: "remove" }],
            }
          : {
              path: [...path, key],
              reason: `renamed to ${newName}`,
              fixes: [{ kind: "instruction", text: `use ${newName}` }],
            },
      );
    }
  }

  /** Reads a value, now if all of it is known, else when it resolves. `undefined` where it is invalid. */
  read<T, R>(path: Path, value: unknown, read: Reader<T, R>): pulumi.Input<R> | undefined {
    if (containsOutput(value)) {
      return (pulumi.output(value) as pulumi.Output<unknown>).apply((resolved) => {
        const late = new IssueCollector(this.#subject);
        late.#resource = this.#resource;
        const result = late.read(path, resolved, read);
        late.assertValid();
        return result;
      }) as pulumi.Output<R>;
    }
    return read(value as T, (issue) => {
      this.add({ ...issue, path: [...path, ...(issue.path ?? [])] });
      return undefined;
    });
  }

  /** Attributes later issues to a resource, which Pulumi then names beside the message. */
  attachTo(resource: pulumi.Resource): void {
    this.#resource = resource;
  }

  /** Throws if there are issues: a {@link ValidationError}, or a `ResourceError` once a resource is attached. */
  assertValid(): void {
    this.#reported = true;
    if (this.#issues.length === 0) return;
    const error = new ValidationError(this.#subject, this.#issues);
    throw this.#resource ? createResourceError(error.message, this.#resource) : error;
  }
}

/**
 * A `ResourceError` with a message that does not change. The SDK adds `error serializing property "…"` to the message for
 * every resource that a failed Output reaches (pulumi, sdk/nodejs/runtime/rpc.ts), which would bury the issue.
 */
function createResourceError(message: string, resource: pulumi.Resource): pulumi.ResourceError {
  const error = new pulumi.ResourceError(message, resource, true);
  return Object.defineProperty(error, "message", { get: () => message, set: () => {} });
}
