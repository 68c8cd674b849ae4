/**
 * The name of a stack for Pulumi's commands: in Pulumi Cloud with its organization, so that it does not depend on the
 * default organization of the token. A self-managed backend has no organizations.
 */
export function qualifyStack(
  stack: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const organization = environment.PULUMI_ORG;
  return organization ? `${organization}/${stack}` : stack;
}
