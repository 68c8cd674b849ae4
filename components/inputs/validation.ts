/** Finds everything that is wrong with what a caller gave, and says it at once. */
import * as pulumi from "@pulumi/pulumi";
import { containsOutput } from "./outputs.ts";

/**
 * Collects the mistakes in what is known now, so that they are reported together and before anything is
 * registered. What is known only later is checked then, and reported by itself.
 */
export class Mistakes {
  readonly #found: string[] = [];
  #told = false;
  readonly #subject: string;

  /** `subject` is what the mistakes are in, e.g. `MeshedDeployment "web"`. */
  constructor(subject: string) {
    this.#subject = subject;
  }

  /** Notes a mistake: the field, and a sentence with what was given and what is expected. */
  add(field: string, sentence: string): void {
    this.#found.push(`${field}: ${sentence}`);
    // In an Output that is known only now: nobody will ask any more.
    if (this.#told) this.throw();
  }

  /** Notes every key of `given` that is not among `known`: for callers without a type checker. */
  addUnknownKeys(path: string, given: object, known: readonly string[]): void {
    for (const key of Object.keys(given)) {
      if (!known.includes(key)) {
        this.add(`${path}.${key}`, `no such field. Known are ${known.join(", ")}.`);
      }
    }
  }

  /**
   * What `read` makes of `value`, now if all of the value is known now. `read` throws a `RangeError` about a
   * bad value; the result is then `undefined`.
   */
  read<T, R>(field: string, value: unknown, read: (value: T) => R): pulumi.Input<R> | undefined {
    if (containsOutput(value)) {
      return (pulumi.output(value) as pulumi.Output<unknown>).apply((plain) => {
        const mistakes = new Mistakes(this.#subject);
        const result = mistakes.read(field, plain, read);
        mistakes.throw();
        return result;
      }) as pulumi.Output<R>;
    }
    try {
      return read(value as T);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.add(field, error.message);
      return undefined;
    }
  }

  /** Throws a `RunError`, which Pulumi shows without a stack trace, if anything was found. */
  throw(): void {
    this.#told = true;
    if (this.#found.length === 0) return;
    const count = this.#found.length === 1 ? "a mistake" : `${this.#found.length} mistakes`;
    throw new pulumi.RunError(`${this.#subject} has ${count}:\n- ${this.#found.join("\n- ")}`);
  }
}
