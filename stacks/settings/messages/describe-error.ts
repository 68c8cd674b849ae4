/** The reason for a failed call. `fetch` and the Kubernetes client wrap the system's error in one of their own. */
export function describeError(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
