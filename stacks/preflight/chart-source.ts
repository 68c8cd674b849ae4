/** Whether Helm can read the charts. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { parse } from "yaml";
import { knownValue } from "../../components/inputs/outputs.ts";
import type { Fix, ValidationIssue } from "../../components/inputs/validation.ts";
import {
  CHART_KEYS,
  type ChartName,
  chartPin,
  type LinkerdCharts,
  locateChart,
  sourceKind,
} from "../../components/linkerd/charts/charts.ts";
import { hasCredentials } from "../../components/linkerd/charts/credential-rules.ts";
import { basicAuthorization, readCredentials, withoutCredentials } from "../secrets/credentials.ts";
import { CHART_SOURCE, versionSetting } from "../settings/chart-settings.ts";
import { describeError } from "../settings/messages/describe-error.ts";
import { joinKeys, toCommandArgument } from "../settings/messages/setting-path.ts";

/** A source that does not answer within this time counts as unreachable. */
const TIMEOUT_MS = 10_000;

/** Statuses that mean that a server has no index for anyone. With any other, Helm may succeed. */
const NO_INDEX = [404, 410];

/** Finds sources from which Helm cannot read the charts `names`. */
export async function chartSourceIssues(
  charts: LinkerdCharts,
  names: readonly ChartName[],
): Promise<ValidationIssue[]> {
  const bySource = Map.groupBy(names, (name) => JSON.stringify(loginOf(name, charts)));
  const checks = [...bySource.values()].map((ofSource) => sourceIssues(ofSource, charts));
  return (await Promise.all(checks)).flat();
}

type Login = { username: string; password: string } | undefined;

/** The source of a chart and the login that Helm sends to it. Settings contain no Outputs. */
function loginOf(name: ChartName, charts: LinkerdCharts): { source: string; login: Login } {
  const { source, credentials } = chartPin(name, charts);
  const isUrl = URL.canParse(source) && hasCredentials(source);
  return {
    source: isUrl ? withoutCredentials(source) : source,
    login: (knownValue(credentials) as Login) ?? readCredentials(source),
  };
}

async function sourceIssues(names: readonly ChartName[], charts: LinkerdCharts): Promise<ValidationIssue[]> {
  const [name] = names as [ChartName];
  const { source, login } = loginOf(name, charts);
  const own = names.find((name) => charts[CHART_KEYS[name]]?.source !== undefined);
  const location = sourceKind(source) === "directory" ? resolve(source) : withoutCredentials(source);
  return (await findProblems(source, login, names, charts)).map((problem) => ({
    path: own === undefined ? ["chartSource"] : ["charts", CHART_KEYS[own], "source"],
    reason: `must be ${CHART_SOURCE} with Linkerd's charts`,
    got: JSON.stringify(location),
    because: `Cannot read charts from it: ${problem}`,
    ...(problem.endsWith("without credentials") ? { fixes: loginFixes(own) } : {}),
  }));
}

/** The command that gives a login to the source of all charts, or to that of one chart. */
function loginFixes(own: ChartName | undefined): Fix[] {
  const path = own === undefined ? ["chartCredentials"] : ["charts", CHART_KEYS[own], "credentials"];
  const [username, password] = ["username", "password"].map((field) => toCommandArgument([...path, field]));
  const text = `pulumi config set ${username} <value> && pulumi config set --secret ${password} <value>`;
  return [{ kind: "instruction", text }];
}

/** Clauses without a subject's value. Versions of charts appear in them: they are public, as file names. */
function findProblems(source: string, login: Login, names: readonly ChartName[], charts: LinkerdCharts) {
  const kind = sourceKind(source);
  if (kind !== "directory" && !URL.canParse(source)) return ["it is not a URL"];
  switch (kind) {
    case "directory":
      return findDirectoryProblems(source, names, charts);
    case "repository":
      return findServerProblems(`${source.replace(/\/$/, "")}/index.yaml`, NO_INDEX, login);
    case "registry":
      // Any answer is good: most registries require a login here (OCI distribution spec, "end-1").
      return findServerProblems(`https://${new URL(source).host}/v2/`, [], undefined);
  }
}

async function findServerProblems(
  address: string,
  rejected: readonly number[],
  login: Login,
): Promise<string[]> {
  // Helm uses the proxy in these variables, but fetch does not, so Helm has to find out.
  const { env } = process;
  if (env.HTTPS_PROXY || env.https_proxy || env.HTTP_PROXY || env.http_proxy) return [];
  try {
    const head = await request(address, "HEAD", login);
    // Servers without support for HEAD answer it with various statuses.
    const isConclusive = head.ok || rejected.length === 0 || rejected.includes(head.status);
    const { status } = isConclusive ? head : await request(address, "GET", login);
    if (status === 401 && rejected.length > 0) {
      return [
        `its index.yaml answers with status 401 ${login ? "to the credentials" : "without credentials"}`,
      ];
    }
    return rejected.includes(status) ? [`its index.yaml answers with status ${status}`] : [];
  } catch (error) {
    // Helm may trust a company's CA that Node does not know.
    if (isTlsError(error)) return [];
    return [`it cannot be reached (${describeError(error)})`];
  }
}

async function request(address: string, method: "HEAD" | "GET", login: Login): Promise<Response> {
  const headers = basicAuthorization(login);
  const response = await fetch(address, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  // An index has megabytes, and only the status matters.
  await response.body?.cancel();
  return response;
}

/** Whether a server was reached but TLS failed, by the error codes of OpenSSL and Node. */
function isTlsError(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { code?: string };
  return code !== undefined && /CERT|SIGNATURE|CRL|^ERR_(SSL|TLS)_|^EPROTO$/.test(code);
}

function findDirectoryProblems(source: string, names: readonly ChartName[], charts: LinkerdCharts): string[] {
  const directory = resolve(source);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return ["it is not a directory"];
  return names.flatMap((name) => {
    const { chart, version } = locateChart(name, charts);
    if (chart.endsWith(".tgz")) return [];
    const manifest = resolve(chart, "Chart.yaml");
    if (!existsSync(manifest)) {
      const entries = readdirSync(directory).map((entry) => basename(entry));
      const content = entries.length > 0 ? `only ${entries.join(", ")}` : "nothing";
      return [`it contains neither ${name}-${version}.tgz nor ${name}/, but ${content}`];
    }
    const found = String(parse(readFileSync(manifest, "utf8")).version);
    const setting = joinKeys(versionSetting(name, charts));
    return found === version ? [] : [`its ${name} has version ${found}, but ${setting} is ${version}`];
  });
}
