/** Environment variables of a job. */

/**
 * Reads variables that must be set.
 *
 * @throws Error that names all missing variables
 */
export function readVariables<const Name extends string>(
  names: readonly Name[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<Name, string>> {
  const missing = names.filter((name) => !environment[name]);
  if (missing.length > 0) {
    throw new Error(
      `${missing.join(", ")}: must be set, got nothing. Fix: run this file in a workflow of .github/workflows.`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, environment[name]])) as Record<Name, string>;
}

/** Runs the main function of a file. Its error ends the process with one line, without a stack. */
export async function runMain(main: () => Promise<number | undefined>): Promise<void> {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
