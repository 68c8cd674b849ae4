/** The resources of a stack as the program registers them, without anything that is secret or that differs between runs. */

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Options of a resource. An option with its default value is left out. */
export interface RecordedOptions {
  /** Whether the engine rejects the deletion and the replacement of the resource. */
  readonly protect?: boolean;
  /** Whether the object stays when the resource leaves the program. */
  readonly retainOnDelete?: boolean;
  /** Whether a replacement deletes the old object first. */
  readonly deleteBeforeReplace?: boolean;
  /** Inputs whose changes the engine ignores. */
  readonly ignoreChanges?: readonly string[];
  /** Inputs whose changes replace the resource. */
  readonly replaceOnChanges?: readonly string[];
  /** Earlier names, parents or types. Aliases that a provider's SDK adds to each of its resources are left out. */
  readonly aliases?: readonly Json[];
  /** ID of the object that the resource takes over. */
  readonly import?: string;
  /** Name of the resource with whose deletion this one is deleted too. */
  readonly deletedWith?: string;
  /** How long the engine waits for the resource, such as `{ create: "10m" }`. */
  readonly customTimeouts?: Readonly<Record<string, string>>;
  /** Name of the provider, unless it is the default one. */
  readonly provider?: string;
  /** Names of the hooks, by the operation that they belong to. */
  readonly hooks?: Readonly<Record<string, readonly string[]>>;
}

/** A resource of a stack. */
export interface RecordedResource {
  /** Type token, such as `kubernetes:core/v1:Secret`. */
  readonly type: string;
  readonly name: string;
  /** Name of the parent. Empty for children of the stack. */
  readonly parent: string;
  /** Names of the resources that it depends on, sorted. A resource does not list its parent. */
  readonly dependsOn: readonly string[];
  readonly options: RecordedOptions;
  /** Inputs with placeholders: `[secret]`, `[certificate …]`, `[file …]`, `[digest]`. */
  readonly inputs: Readonly<Record<string, Json>>;
}

/** A stack. Two recordings of the same program and settings are equal. */
export interface RecordedStack {
  /** Name of the stack, as in `Pulumi.<stack>.yaml`. */
  readonly stack: string;
  /** The resources, sorted by parents, then by name and type. */
  readonly resources: readonly RecordedResource[];
  /** Outputs of the stack, with placeholders as in the inputs. */
  readonly outputs: Readonly<Record<string, Json>>;
}
