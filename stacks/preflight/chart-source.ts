/** Whether Helm can read the charts. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
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
import { joinKeys, quote, toCommandArgument } from "../settings/messages/setting-path.ts";
import type { CheckReport } from "./unchecked.ts";

/** A source that does not answer within this time counts as unreachable. */
const TIMEOUT_MS = 10_000;

/** Statuses that mean that a server has no index for anyone. With any other, Helm may succeed. */
const NO_INDEX = [404, 410];

/** The result of the check of chart sources. */
export interface ChartReport extends CheckReport {
  /** Charts that the provider must not load from their source in this preview. Empty in `up`. */
  readonly unread: readonly ChartName[];
}

/**
 * Finds sources from which Helm cannot read the charts `names`.
 *
 * A preview does without a server that cannot be reached. If `LINKERD_CHARTS` is set, a preview calls no server, and looks
 * for the charts of all servers in this directory. `up` ignores the variable.
 */
export async function checkChartSources(
  charts: LinkerdCharts,
  names: readonly ChartName[],
): Promise<ChartReport> {
  const { LINKERD_CHARTS } = process.env;
  const isRemote = (name: ChartName) => sourceKind(chartPin(name, charts).source) !== "directory";
  const cached = pulumi.runtime.isDryRun() && LINKERD_CHARTS ? names.filter(isRemote) : [];
  const others = names.filter((name) => !cached.includes(name));
  const bySource = Map.groupBy(others, (name) => JSON.stringify(loginOf(name, charts)));
  const reports = await Promise.all([...bySource.values()].map((ofSource) => checkSource(ofSource, charts)));
  return {
    issues: [
      ...(cached.length > 0 ? cacheIssues(LINKERD_CHARTS as string, cached, charts) : []),
      ...reports.flatMap(({ issues }) => issues),
    ],
    unchecked: reports.flatMap(({ unchecked }) => unchecked),
    unread: [...cached, ...reports.flatMap(({ unread }) => unread)],
  };
}

/** Issues with charts that a preview looks for in `directory` instead of their source. */
function cacheIssues(
  directory: string,
  names: readonly ChartName[],
  charts: LinkerdCharts,
): ValidationIssue[] {
  const keys = names.map((name) => CHART_KEYS[name]);
  const inDirectory = keys.map((key) => [key, { ...charts[key], source: undefined }]);
  return findDirectoryProblems(directory, names, {
    ...charts,
    ...Object.fromEntries(inDirectory),
    source: directory,
  }).map(({ text, chart }) => ({
    path: ["env:LINKERD_CHARTS"],
    reason: "must be a directory with the charts that the settings select",
    got: JSON.stringify(resolve(directory)),
    because: `Cannot read charts from it: ${text}`,
    fixes: [
      { kind: "command", text: pullCommand(chart ?? (names[0] as ChartName), charts, directory) },
      { kind: "command", text: "unset LINKERD_CHARTS" },
    ],
  }));
}

/** The command that downloads a chart into a directory. */
function pullCommand(name: ChartName, charts: LinkerdCharts, directory: string): string {
  const { version, source } = chartPin(name, charts);
  const location = withoutCredentials(source).replace(/\/$/, "");
  const chart = sourceKind(source) === "registry" ? `${location}/${name}` : `${name} --repo ${location}`;
  return `helm pull ${chart} --version ${version} --destination ${quote(directory)}`;
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

/** Ways to check the charts in a preview without their source. */
const CACHE_FIXES: readonly Fix[] = [
  { kind: "instruction", text: "set LINKERD_CHARTS to a directory with the charts" },
];

async function checkSource(names: readonly ChartName[], charts: LinkerdCharts): Promise<ChartReport> {
  const [name] = names as [ChartName];
  const { source, login } = loginOf(name, charts);
  const own = names.find((name) => charts[CHART_KEYS[name]]?.source !== undefined);
  const location = sourceKind(source) === "directory" ? resolve(source) : withoutCredentials(source);
  const path = own === undefined ? ["chartSource"] : ["charts", CHART_KEYS[own], "source"];
  const problems = await findProblems(source, login, names, charts);
  const isUnread = pulumi.runtime.isDryRun() && problems.some(({ isUnreachable }) => isUnreachable);
  if (isUnread) {
    const cause = {
      path,
      reason: "should be a chart source that answers",
      got: JSON.stringify(location),
      failure: problems.map(({ text }) => text).join(", "),
      fixes: CACHE_FIXES,
    };
    return {
      issues: [],
      unchecked: [{ cause, what: [`whether it has ${names.join(", ")}`] }],
      unread: names,
    };
  }
  const issues = problems.map(({ text, needsLogin }) => ({
    path,
    reason: `must be ${CHART_SOURCE} with Linkerd's charts`,
    got: JSON.stringify(location),
    because: `Cannot read charts from it: ${text}`,
    ...(needsLogin ? { fixes: loginFixes(own) } : {}),
  }));
  return { issues, unchecked: [], unread: [] };
}

/** Something that is wrong with a source. */
interface Problem {
  /** A clause that begins with "it" or "its", for the source. It has names and versions of charts, which are public. */
  readonly text: string;
  /** The chart that is concerned. @default all charts of the source */
  readonly chart?: ChartName;
  /** Whether the server does not answer, so that a preview may do without it. @default false */
  readonly isUnreachable?: boolean;
  /** Whether a login may solve the problem. @default false */
  readonly needsLogin?: boolean;
}

/** The command that gives a login to the source of all charts, or to that of one chart. */
function loginFixes(own: ChartName | undefined): Fix[] {
  const path = own === undefined ? ["chartCredentials"] : ["charts", CHART_KEYS[own], "credentials"];
  const [username, password] = ["username", "password"].map((field) => toCommandArgument([...path, field]));
  const text = `pulumi config set ${username} <value> && pulumi config set --secret ${password} <value>`;
  return [{ kind: "instruction", text }];
}

async function findProblems(
  source: string,
  login: Login,
  names: readonly ChartName[],
  charts: LinkerdCharts,
): Promise<Problem[]> {
  const kind = sourceKind(source);
  if (kind !== "directory" && !URL.canParse(source)) return [{ text: "it is not a URL" }];
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
): Promise<Problem[]> {
  // Helm uses the proxy in these variables, but fetch does not, so Helm has to find out.
  const { env } = process;
  if (env.HTTPS_PROXY || env.https_proxy || env.HTTP_PROXY || env.http_proxy) return [];
  try {
    const head = await request(address, "HEAD", login);
    // Servers without support for HEAD answer it with various statuses.
    const isConclusive = head.ok || rejected.length === 0 || rejected.includes(head.status);
    const { status } = isConclusive ? head : await request(address, "GET", login);
    if (status === 401 && rejected.length > 0) {
      const given = login ? "to the credentials" : "without credentials";
      return [{ text: `its index.yaml answers with status 401 ${given}`, needsLogin: !login }];
    }
    return rejected.includes(status) ? [{ text: `its index.yaml answers with status ${status}` }] : [];
  } catch (error) {
    // Helm may trust a company's CA that Node does not know.
    if (isTlsError(error)) return [];
    return [{ text: `it cannot be reached (${describeError(error)})`, isUnreachable: true }];
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

function findDirectoryProblems(
  source: string,
  names: readonly ChartName[],
  charts: LinkerdCharts,
): Problem[] {
  const directory = resolve(source);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory())
    return [{ text: "it is not a directory" }];
  return names.flatMap((name) => {
    const { chart, version } = locateChart(name, charts);
    if (chart.endsWith(".tgz")) return [];
    const manifest = resolve(chart, "Chart.yaml");
    if (!existsSync(manifest)) {
      const entries = readdirSync(directory).map((entry) => basename(entry));
      const content = entries.length > 0 ? `only ${entries.join(", ")}` : "nothing";
      const text = `it contains neither ${name}-${version}.tgz nor ${name}/, but ${content}`;
      return [{ text, chart: name }];
    }
    const found = String(parse(readFileSync(manifest, "utf8")).version);
    if (found === version) return [];
    const setting = joinKeys(versionSetting(name, charts));
    return [{ text: `its ${name} has version ${found}, but ${setting} is ${version}`, chart: name }];
  });
}
