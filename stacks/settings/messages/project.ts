/** Namespace of the settings in a stack's configuration: the project's name in `Pulumi.yaml`. */
export const PROJECT = "linkerd-mesh";
