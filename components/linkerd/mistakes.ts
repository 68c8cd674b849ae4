import * as pulumi from "@pulumi/pulumi";
import type { Mistake } from "../certificates/x509/certificate-text.ts";

/** A mistake in the settings of a mesh, as components tell it; `stacks/` adds the command that mends it. */
export interface SettingMistake {
  /** Which one, key after key, e.g. `["ports", "opaque", 0]`. */
  readonly path: readonly (string | number)[];
  /** What is wrong with what was given, and what is expected. */
  readonly problem: string;
  /** Another setting that it contradicts. */
  readonly against?: string;
}

/** A mistake in the certificates as one in the settings, of which they are a part. */
export function inCertificates({ path, problem }: Mistake): SettingMistake {
  return { path: ["certificates", ...path.split(".")], problem };
}

/** Everything that is wrong with a mesh's settings, in one message. Shown without a stack trace. */
export class MeshSettingsError extends pulumi.RunError {
  readonly mistakes: readonly SettingMistake[];

  constructor(name: string, mistakes: readonly SettingMistake[]) {
    const lines = mistakes.map(({ path, problem }) => `\n- ${path.join(".")}: ${problem}`);
    super(`The mesh ${name} cannot be made as asked for:${lines.join("")}`);
    this.mistakes = mistakes;
  }
}
