/** Checks of values that may be Outputs. */
import * as pulumi from "@pulumi/pulumi";
import { containsOutput } from "../../inputs/outputs.ts";
import type { Path, Reject, ValidationIssue } from "../../inputs/validation.ts";

/** Runs each check exactly once: immediately if its values are known, otherwise when they resolve. */
export class DeferrableChecks {
  readonly #root: Path;
  readonly #issues: ValidationIssue[] = [];
  readonly #deferred: pulumi.Output<readonly ValidationIssue[]>[] = [];

  /** @param root path of the argument that holds the values, e.g. `["certificates"]` */
  constructor(root: Path) {
    this.#root = root;
  }

  /** Issues with the values that are known. */
  get issues(): readonly ValidationIssue[] {
    return this.#issues;
  }

  /** Issues with the values of Outputs; `undefined` if no value is an Output. */
  get deferredIssues(): pulumi.Output<readonly ValidationIssue[]> | undefined {
    if (this.#deferred.length === 0) return undefined;
    return pulumi.all(this.#deferred).apply((lists) => lists.flat());
  }

  /** Runs `check` on the value of the argument at `path`, and returns its result. */
  read<T, R>(path: Path, value: pulumi.Input<T>, check: (value: T, reject: Reject) => R): pulumi.Input<R> {
    const run = (resolved: T) => {
      const issues: ValidationIssue[] = [];
      const result = check(resolved, (issue) => {
        issues.push({ ...issue, path: [...this.#root, ...path, ...(issue.path ?? [])] });
        return undefined;
      });
      return { result, issues };
    };
    if (!containsOutput(value)) {
      const { result, issues } = run(value as T);
      this.#issues.push(...issues);
      return result;
    }
    const outcome = (pulumi.output(value) as pulumi.Output<unknown>).apply((resolved) => run(resolved as T));
    this.#deferred.push(outcome.apply(({ issues }) => issues));
    return outcome.apply(({ result }) => result) as pulumi.Output<R>;
  }

  /** Runs `check` on results of other checks. If one of them is `undefined`, its issue is reported already. */
  relate<T extends object, R>(
    path: Path,
    results: { readonly [K in keyof T]: pulumi.Input<T[K] | undefined> },
    check: (results: T, reject: Reject) => R,
  ): pulumi.Input<R | undefined> {
    return this.read(path, results as pulumi.Input<T>, (resolved: T, reject) =>
      Object.values(resolved).includes(undefined) ? undefined : check(resolved, reject),
    );
  }
}
