/** Whether Pulumi's Kubernetes provider would prompt for credentials. */
import type { ValidationIssue } from "../../components/inputs/validation.ts";
import type { StackConfig } from "../cluster/kubeconfig.ts";
import { findPromptingUser } from "../cluster/prompting-user.ts";
import { quote } from "../settings/messages/setting-path.ts";

/** An issue if the user of the kubeconfig has no credentials. A preview fails too, because it would not end. */
export function promptingUserIssues(config: StackConfig): ValidationIssue[] {
  const found = findPromptingUser(config);
  if (found === undefined) return [];
  const { context, user } = found;
  const quoted = JSON.stringify(context);
  return [
    {
      path: ["kubernetes:context"],
      reason: "must select a user with credentials",
      got:
        user === undefined
          ? `the context ${quoted} without a user`
          : `the user ${JSON.stringify(user)} of the context ${quoted} without credentials`,
      because:
        "Pulumi's Kubernetes provider would prompt for a name and a password, and never end (pulumi-kubernetes#2202)",
      fixes: [
        {
          kind: "instruction",
          text:
            user === undefined
              ? `kubectl config set-context ${quote(context)} --user=<user>`
              : `kubectl config set-credentials ${quote(user)} --token=<token>`,
        },
        {
          kind: "instruction",
          text: "select another context: pulumi config set kubernetes:context <context>",
        },
      ],
    },
  ];
}
