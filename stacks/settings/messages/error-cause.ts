/** Why something failed: fetch and the Kubernetes client wrap what the system says. */
export function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
