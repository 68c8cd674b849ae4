/** Whether the charts can be had, asked before anything is created. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { parse } from "yaml";
import {
  CHART_KEYS,
  type ChartName,
  chartPin,
  type LinkerdCharts,
  locateChart,
  sourceKind,
} from "../../components/linkerd/charts/charts.ts";
import { withCredentialsApart, withoutCredentials } from "../secrets/credentials.ts";
import { versionSetting } from "../settings/chart-settings.ts";
import { reasonOf } from "../settings/messages/error-cause.ts";
import { PROJECT } from "../settings/settings.ts";

/** A source that does not answer within this is taken to be out of reach. */
const TIMEOUT_MS = 10_000;

/** Answers by which a repository has no index for anybody. With any other, Helm may cope. */
const NO_INDEX = [404, 410];

/** One sentence for everything that would keep Helm from its charts; none where all is well. No secret source is told. */
export async function chartSourceIssues(
  charts: LinkerdCharts,
  names: readonly ChartName[],
  secretKeys: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const bySource = Map.groupBy(names, (name) => chartPin(name, charts).source);
  const looks = [...bySource].map(([source, held]) => sourceMistakes(source, held, charts, secretKeys));
  return (await Promise.all(looks)).flat();
}

async function sourceMistakes(
  source: string,
  held: ChartName[],
  charts: LinkerdCharts,
  secretKeys: ReadonlySet<string>,
): Promise<string[]> {
  const problems = await problemsOf(source, held, charts);
  const own = held.find((name) => charts[CHART_KEYS[name]]?.source === source);
  const setting = own === undefined ? "chartSource" : `charts.${CHART_KEYS[own]}.source`;
  const target = own === undefined ? setting : `--path ${setting}`;
  const secret = secretKeys.has(`${PROJECT}:${own === undefined ? "chartSource" : "charts"}`);
  const where = sourceKind(source) === "directory" ? resolve(source) : source;
  const shown = secret ? "the secret source" : withoutCredentials(where);
  return problems.map(
    (problem) =>
      `${PROJECT}:${setting}: no charts to be had from ${shown}: ${problem}. Expected a Helm ` +
      "repository, an OCI registry path or a directory with Linkerd's charts. Mend it with: " +
      `pulumi config set ${target} <source>`,
  );
}

function problemsOf(source: string, held: ChartName[], charts: LinkerdCharts): string[] | Promise<string[]> {
  const kind = sourceKind(source);
  if (kind !== "directory" && !URL.canParse(source)) return ["it is no URL"];
  switch (kind) {
    case "directory":
      return directoryProblems(source, held, charts);
    case "repository":
      return serverProblems(`${source.replace(/\/$/, "")}/index.yaml`, NO_INDEX);
    case "registry":
      // Any answer will do: most registries ask for a login here (OCI distribution spec, "end-1").
      return serverProblems(`https://${new URL(source).host}/v2/`, []);
  }
}

async function serverProblems(address: string, refused: readonly number[]): Promise<string[]> {
  // Helm goes through the proxy that these name, and fetch does not: leave the finding out to Helm.
  if (process.env.HTTPS_PROXY || process.env.https_proxy || process.env.HTTP_PROXY || process.env.http_proxy)
    return [];
  try {
    const head = await ask(address, "HEAD");
    // Not every server takes a HEAD, and those that do not have many ways to say so.
    const settled = head.ok || refused.length === 0 || refused.includes(head.status);
    const { status } = settled ? head : await ask(address, "GET");
    return refused.includes(status) ? [`its index.yaml answers with status ${status}`] : [];
  } catch (error) {
    // Helm may know the authority of a company, which Node does not.
    if (isOfTls(error)) return [];
    return [`it cannot be reached (${reasonOf(error)})`];
  }
}

async function ask(address: string, method: "HEAD" | "GET"): Promise<Response> {
  const { url, headers } = withCredentialsApart(address);
  const response = await fetch(url, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  // An index is megabytes, and nobody reads it here.
  await response.body?.cancel();
  return response;
}

/** Whether a server was reached and TLS did not come about, by the codes of OpenSSL and Node. */
function isOfTls(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { code?: string };
  return code !== undefined && /CERT|SIGNATURE|CRL|^ERR_(SSL|TLS)_|^EPROTO$/.test(code);
}

function directoryProblems(source: string, held: ChartName[], charts: LinkerdCharts): string[] {
  const directory = resolve(source);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return ["it is no directory"];
  return held.flatMap((name) => {
    const { chart, version } = locateChart(name, charts);
    if (chart.endsWith(".tgz")) return [];
    const manifest = resolve(chart, "Chart.yaml");
    if (!existsSync(manifest)) {
      const there = readdirSync(directory).map((entry) => basename(entry));
      return [`it holds neither ${name}-${version}.tgz nor ${name}/, but ${there.join(", ") || "nothing"}`];
    }
    const found = String(parse(readFileSync(manifest, "utf8")).version);
    const setting = versionSetting(name, charts).join(".");
    return found === version ? [] : [`its ${name} is version ${found}, and ${setting} is ${version}`];
  });
}
