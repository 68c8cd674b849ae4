/** The settings that a stack's configuration gives. */

/** Decoded values by setting, without `linkerd-mesh:`, and what must not be shown of them. */
export interface GivenSettings {
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether a setting is encrypted in the configuration, entirely or in part. */
  isSecret(setting: string): boolean;
}
