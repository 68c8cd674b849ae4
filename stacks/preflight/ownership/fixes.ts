/** Parts that messages about ownership have in common. */
import { OWNER_ANNOTATION } from "../../../components/inputs/owner.ts";
import type { Fix } from "../../../components/inputs/validation.ts";

export const CLUSTER_PATH = ["kubernetes:context"];

export const instruction = (text: string): Fix => ({ kind: "instruction", text });
export const OTHER_CLUSTER = instruction(
  "install into another cluster: pulumi config set kubernetes:context <context>",
);
export const ADOPT = instruction(
  "take the mesh over: pulumi config set adopt true, then follow docs/adoption.md",
);

/** The explanation where the annotation names this stack, and its state does not contain the mesh. */
export const LOST_STATE = `The annotation ${OWNER_ANNOTATION} of the namespace names this stack, but the stack's state contains no mesh`;

/** Fixes for it. */
export const SAME_NAME: readonly Fix[] = [
  instruction("if a stack of this name in another backend owns it, pulumi login <backend>"),
  instruction("if this stack's state was lost, pulumi stack import --file <backup>"),
];
