import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { ChartName, LinkerdCharts } from "../../../../components/linkerd/charts/charts.ts";
import { checkChartSources } from "../../../../stacks/preflight/chart-source.ts";
import { uncheckedWarnings } from "../../../../stacks/preflight/unchecked.ts";
import { readSettings } from "../../../../stacks/settings/read-settings.ts";
import { formatStackIssue } from "../../../../stacks/settings/settings-error.ts";
import { register } from "../../../support/mocks.ts";
import { makeCertificate } from "../../../support/pem.ts";

const version = "2026.8.3";

/** The messages for charts that Helm could not read. */
async function findMessages(charts: LinkerdCharts, names: ChartName[] = ["linkerd-crds"]): Promise<string[]> {
  const { given } = readSettings({});
  return (await checkChartSources(charts, names)).issues.map((issue) => formatStackIssue(issue, given));
}

const messagesFor = (source: string) => findMessages({ source, version });

async function listening<T>(server: Server, use: (address: string) => Promise<T>): Promise<T> {
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    return await use(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

const answering = <T>(answer: RequestListener, use: (address: string) => Promise<T>) =>
  listening(createServer(answer), use);

const serving = <T>(status: number, use: (url: string) => Promise<T>) =>
  answering(
    (_, response) => response.writeHead(status).end(),
    (address) => use(`http://${address}`),
  );

test("a repository that answers is accepted", async () => {
  expect(await serving(200, messagesFor)).toEqual([]);
});

test.each([404, 410])(
  "a server that is not a chart repository is rejected with its status %i",
  async (status) => {
    expect(await serving(status, messagesFor)).toEqual([
      expect.stringMatching(
        new RegExp(
          "^linkerd-mesh:chartSource: must be a Helm repository \\(https://…\\), an OCI registry path \\(oci://…\\) or a directory " +
            `with Linkerd's charts, got "http://127.*"\\. Cannot read charts from it: its index\\.yaml answers with status ${status}\\. ` +
            "Fix: pulumi config set chartSource <value>$",
        ),
      ),
    ]);
  },
);

test.each([403, 500])("a server that answers with status %i is left to Helm", async (status) => {
  expect(await serving(status, messagesFor)).toEqual([]);
});

test.each([
  [405, 200, []],
  [501, 404, [expect.stringContaining("its index.yaml answers with status 404.")]],
  [403, 410, [expect.stringContaining("its index.yaml answers with status 410.")]],
])(
  "a server that answers HEAD with %i gets a GET request, and its status %i counts",
  async (head, get, expected) => {
    const answer: RequestListener = ({ method }, response) => {
      response.writeHead(method === "HEAD" ? head : get).end("entries: {}");
    };
    expect(await answering(answer, (address) => messagesFor(`http://${address}/charts/`))).toEqual(expected);
  },
);

test("a request to a repository with a login has the credentials of its address", async () => {
  const seen: unknown[] = [];
  const answer: RequestListener = ({ url, headers: { authorization } }, response) => {
    seen.push([url, authorization]);
    response.end();
  };
  const messages = await answering(answer, (address) => messagesFor(`http://robot:p%40ss@${address}/charts`));
  expect(messages).toEqual([]);
  const login = Buffer.from("robot:p@ss").toString("base64");
  expect(seen).toEqual([["/charts/index.yaml", `Basic ${login}`]]);
});

test("a repository that answers with status 401 is rejected, with the command that gives a login", async () => {
  expect(await serving(401, messagesFor)).toEqual([
    expect.stringMatching(
      /Cannot read charts from it: its index\.yaml answers with status 401 without credentials\. Fix: pulumi config set --path chartCredentials\.username <value> && pulumi config set --secret --path chartCredentials\.password <value>$/,
    ),
  ]);
  expect(await serving(401, (url) => messagesFor(url.replace("http://", "http://robot:hunter2@")))).toEqual([
    expect.stringMatching(/status 401 to the credentials\. Fix: pulumi config set chartSource <value>$/),
  ]);
});

test("the credentials of a source that is unreachable or not a repository are not shown", async () => {
  const withLogin = (url: string, scheme = "http:") => url.replace("http://", `${scheme}//robot:hunter2@`);
  const gone = await serving(200, async (url) => url);
  const messages = [
    ...(await serving(404, (url) => messagesFor(withLogin(url)))),
    ...(await messagesFor(withLogin(gone))),
    ...(await messagesFor(withLogin(gone, "oci:"))),
  ];
  expect(messages).toEqual([
    expect.stringMatching(
      /got "http:\/\/127.*"\. Cannot read charts from it: its index\.yaml answers with status 404/,
    ),
    expect.stringMatching(/got "http:\/\/127.*"\. Cannot read charts from it: it cannot be reached/),
    expect.stringMatching(/got "oci:\/\/127.*"\. Cannot read charts from it: it cannot be reached/),
  ]);
  expect(messages.join()).not.toMatch(/robot|hunter2/);
});

test("an invalid address is rejected, and its credentials are not shown", async () => {
  for (const source of [
    "https://robot:hunter/2@charts.example",
    "oci://robot:hunter/2@charts.example",
    "https:/robot:hunter2@charts.example",
  ]) {
    const messages = await messagesFor(source);
    expect(messages).toHaveLength(1);
    expect(messages.join()).not.toMatch(/robot|hunter/);
  }
});

test("a certificate that Node does not trust is left to Helm, which may trust it", async () => {
  const { certPem: cert, keyPem: key } = await makeCertificate("charts.example", 1);
  const server = createTlsServer({ cert, key });
  expect(await listening(server, (address) => messagesFor(`https://${address}`))).toEqual([]);
  expect(await listening(createServer(), (address) => messagesFor(`https://${address}`))).toEqual([]);
});

test("a repository that cannot be reached is rejected with the reason", async () => {
  const gone = await serving(200, async (url) => url);
  expect(await messagesFor(gone)).toEqual([
    expect.stringMatching(/Cannot read charts from it: it cannot be reached \(connect ECONNREFUSED/),
  ]);
});

test("a directory that does not exist is rejected", async () => {
  expect(await messagesFor("/nowhere/at/all")).toEqual([
    expect.stringContaining('got "/nowhere/at/all". Cannot read charts from it: it is not a directory.'),
  ]);
});

test("a directory without the chart is rejected with its content", async () => {
  const directory = mkdtempSync(join(tmpdir(), "charts-"));
  expect(await messagesFor(directory)).toEqual([expect.stringContaining("linkerd-crds/, but nothing.")]);
  writeFileSync(join(directory, "notes.txt"), "");
  expect(await messagesFor(directory)).toEqual([
    expect.stringContaining(
      "it contains neither linkerd-crds-2026.8.3.tgz nor linkerd-crds/, but only notes.txt.",
    ),
  ]);
});

test("a chart's own source is checked for that chart alone, and reported under its own setting", async () => {
  const directory = mkdtempSync(join(tmpdir(), "charts-"));
  const charts = { source: directory, viz: { source: "/nowhere/at/all" } };
  expect(await findMessages(charts, ["linkerd-crds", "linkerd-viz"])).toEqual([
    expect.stringMatching(
      /^linkerd-mesh:chartSource: .*neither linkerd-crds-2026\.8\.3\.tgz nor linkerd-crds\//,
    ),
    expect.stringMatching(
      /^linkerd-mesh:charts\.viz\.source: .*"\/nowhere\/at\/all"\. .* it is not a directory\. Fix: pulumi config set --path charts\.viz\.source <value>$/,
    ),
  ]);
});

test("a directory with another version of the chart is rejected with both versions", async () => {
  const directory = mkdtempSync(join(tmpdir(), "charts-"));
  mkdirSync(join(directory, "linkerd-crds"));
  writeFileSync(join(directory, "linkerd-crds", "Chart.yaml"), "name: linkerd-crds\nversion: 2025.10.7\n");
  expect(await messagesFor(directory)).toEqual([
    expect.stringContaining("its linkerd-crds has version 2025.10.7, but chartVersion is 2026.8.3."),
  ]);
  const own = { source: directory, crds: { version } };
  expect(await findMessages(own)).toEqual([
    expect.stringContaining("has version 2025.10.7, but charts.crds.version is 2026.8.3."),
  ]);
});

describe("a preview", () => {
  afterEach(() => vi.unstubAllEnvs());

  const check = async (charts: LinkerdCharts, names: ChartName[] = ["linkerd-crds"], preview = true) => {
    const { result } = await register(() => checkChartSources(charts, names), { preview });
    const { given } = readSettings({});
    return {
      issues: result.issues.map((issue) => formatStackIssue(issue, given)),
      warnings: uncheckedWarnings(result.unchecked).map((issue) => formatStackIssue(issue, given)),
      unread: result.unread,
    };
  };

  test("a preview does without a repository that cannot be reached, and up does not", async () => {
    const source = await serving(200, async (url) => url);
    const names: ChartName[] = ["linkerd-crds", "linkerd-viz"];
    expect(await check({ source, version }, names)).toEqual({
      issues: [],
      warnings: [
        expect.stringMatching(
          /^linkerd-mesh:chartSource: should be a chart source that answers, got "http:\/\/127.*"\. It cannot be reached \(connect ECONNREFUSED .*\)\. This preview does not check whether it has linkerd-crds, linkerd-viz\. `pulumi up` checks it before it changes anything, and fails without an answer\. Fix: set LINKERD_CHARTS to a directory with the charts$/,
        ),
      ],
      unread: names,
    });
    expect(await check({ source, version }, names, false)).toMatchObject({
      issues: [expect.stringMatching(/chartSource: must be .*it cannot be reached/)],
      warnings: [],
      unread: [],
    });
  });

  test("a server that answers with an error still fails a preview", async () => {
    expect(await serving(404, (source) => check({ source, version }))).toMatchObject({
      issues: [expect.stringContaining("its index.yaml answers with status 404")],
      unread: [],
    });
  });

  test("LINKERD_CHARTS has the charts of servers in a preview, and up does not read it", async () => {
    const directory = mkdtempSync(join(tmpdir(), "charts-"));
    writeFileSync(join(directory, "linkerd-crds-2026.8.3.tgz"), "");
    vi.stubEnv("LINKERD_CHARTS", directory);
    const source = await serving(200, async (url) => url);
    const found = { issues: [], warnings: [], unread: ["linkerd-crds"] };
    expect(await check({ source, version })).toEqual(found);
    expect(await check({ crds: { source, version }, source: "/nowhere/at/all" })).toEqual(found);
    expect(await check({ source: directory, version })).toEqual({ ...found, unread: [] });
    expect((await check({ source, version }, ["linkerd-crds"], false)).issues).toHaveLength(1);
  });

  test("LINKERD_CHARTS without a chart is rejected with the command that downloads it", async () => {
    const directory = mkdtempSync(join(tmpdir(), "charts-"));
    vi.stubEnv("LINKERD_CHARTS", directory);
    const secret = "https://robot:hunter2@charts.example/linkerd/";
    const { issues } = await check({ source: secret, viz: { source: "oci://registry.example/charts" } }, [
      "linkerd-crds",
      "linkerd-viz",
    ]);
    expect(issues).toEqual([
      `LINKERD_CHARTS: must be a directory with the charts that the settings select, got "${directory}". Cannot read charts ` +
        "from it: it contains neither linkerd-crds-2026.8.3.tgz nor linkerd-crds/, but nothing. Fix: helm pull linkerd-crds " +
        `--repo https://charts.example/linkerd --version 2026.8.3 --destination ${directory}, or unset LINKERD_CHARTS`,
      expect.stringContaining(
        "Fix: helm pull oci://registry.example/charts/linkerd-viz --version 2026.8.3 --destination",
      ),
    ]);
    vi.stubEnv("LINKERD_CHARTS", "/nowhere/at/all");
    expect((await check({ source: secret })).issues).toEqual([
      expect.stringContaining("Cannot read charts from it: it is not a directory."),
    ]);
  });
});
