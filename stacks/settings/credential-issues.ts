/** Logins of chart repositories that are incomplete, or stored in plain text in the configuration. */
import type { Path, ValidationIssue } from "../../components/inputs/validation.ts";
import { hasCredentials } from "../../components/linkerd/charts/credential-rules.ts";
import type { GivenSettings } from "./messages/given-settings.ts";
import { toCommandArgument } from "./messages/setting-path.ts";
import type { Settings } from "./settings-schema.ts";

/** Finds the logins, each of which needs a user name and a secret password. */
export function loginIssues(settings: Partial<Settings>, given: GivenSettings): ValidationIssue[] {
  const { chartSource, chartCredentials, charts = {} } = settings;
  const logins: [source: Path, credentials: Path, string | undefined, typeof chartCredentials][] = [
    [["chartSource"], ["chartCredentials"], chartSource, chartCredentials],
    ...Object.entries(charts).map(([name, pin]): (typeof logins)[number] => [
      ["charts", name, "source"],
      ["charts", name, "credentials"],
      pin?.source,
      pin?.credentials,
    ]),
  ];
  return logins.flatMap(([sourcePath, path, source = "", { username, password } = {}]) => [
    ...(hasCredentials(source) ? plainTextIssues(sourcePath, given) : []),
    ...(password === undefined ? [] : plainTextIssues([...path, "password"], given)),
    ...((username === undefined) === (password === undefined)
      ? []
      : [
          {
            path: [...path, username === undefined ? "username" : "password"],
            reason: `must be set with ${username === undefined ? "password" : "username"}`,
            got: "nothing",
          },
        ]),
  ]);
}

function plainTextIssues(path: Path, given: GivenSettings): ValidationIssue[] {
  if (given.isSecret(String(path[0]))) return [];
  return [
    {
      path,
      reason: "must be a secret",
      got: "a password in plain text",
      because: "Pulumi would store the password in plain text in the configuration",
      fixes: [{ kind: "instruction", text: `pulumi config set --secret ${toCommandArgument(path)} <value>` }],
    },
  ];
}
