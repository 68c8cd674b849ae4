import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { summarize } from "../../../delivery/summary/summarize.ts";
import {
  RECORDINGS,
  readRecording,
  readSummary,
  SUMMARIES,
  summarizeRecordings,
  toOperation,
} from "../../events/summaries.ts";
import { root } from "../../support/package.ts";

const summaries = Object.fromEntries(
  Object.entries(SUMMARIES).map(([name, recordings]) => [name, summarizeRecordings(recordings)]),
);
const summarizeLog = (log: string) => summarize([toOperation(log)]);

test("the recordings cover at least 25 situations", () => {
  expect(RECORDINGS.length).toBeGreaterThanOrEqual(25);
});

test.each(Object.keys(SUMMARIES))("the summary of %s is the committed one", (name) => {
  // After a change: npm run record:events -- --summaries
  expect(summaries[name]?.split("\n")).toEqual(readSummary(name).split("\n"));
});

test("a preview without changes has a summary of one line", () => {
  expect(summaries["no-change"]).toBe("Preview of **prod** at `1234abcd`: no changes.\n");
});

test("the trust bundle of a rotation is known only during up, and nothing is deleted", () => {
  const trust = summaries["rotation-trust"] ?? "";
  expect(trust).toMatch(/`values\.identityTrustAnchorsPEM` .*is known only during up/);
  expect(trust).not.toMatch(/deleted|removed|cannot be undone/i);
});

test("a Secret whose data depends on a new resource is not lost, unless a known change replaces it", () => {
  const lines = readRecording("rotation-sign").trimEnd().split("\n");
  /** The recording with another change of the Secret, of which the provider reports `keys` as causes of the replacement. */
  const change = (field: string, keys: readonly string[]) => {
    const changed = lines.map((line) => {
      const event = JSON.parse(line);
      const { metadata } = event.resourcePreEvent ?? {};
      if (metadata?.op !== "replace" || !metadata.urn.endsWith("identity-issuer")) return line;
      metadata.new.inputs.metadata[field] = "other";
      metadata.detailedDiff[`metadata.${field}`] = { diffKind: "update", inputDiff: false };
      metadata.keys.push(...keys);
      return JSON.stringify(event);
    });
    return summarizeLog(`${changed.join("\n")}\n`);
  };
  expect(summaries["rotation-sign"]).not.toContain("Cannot be undone");
  expect(change("generateName", [])).not.toContain("Cannot be undone");
  expect(change("name", ["metadata.name"])).toContain(
    "### Cannot be undone\n\n- **Secret linkerd/other is deleted and created again.** The old data is lost",
  );
  expect(summaries["rotation-retire"]).toContain(
    "created again.** The old content of `data[ca.crt]` is lost",
  );
});

test("a setting that is removed has its old value, and is not known only during up", () => {
  expect(summaries["removed-setting"]).toContain("`300Mi`");
  expect(summaries["removed-setting"]).not.toContain("known only");
});

test("equal changes of two stacks appear once, with both names", () => {
  const both = summaries["one-setting"] ?? "";
  expect(both.match(/values\.proxy\.logLevel/g)).toHaveLength(1);
  expect(both).toContain("**dev, prod**: Release linkerd/linkerd-control-plane");
});

test("a refresh reports an object that somebody changed, and one that somebody deleted, and no other", () => {
  const drift = summaries.drift?.split("### Drift since the last deployment")[1]?.split("###")[0] ?? "";
  expect(drift.trim().split("\n")).toEqual([
    "- MutatingAdmissionPolicyBinding linkerd-inject-by-label: not found",
    "- Namespace linkerd",
    "  - `metadata.labels[linkerd.io/is-control-plane]`: `true` (removed)",
  ]);
});

/** Labels of keys and bodies of certificates, in plain text and in base64 at any offset. */
const PEM = /PRIVATE|BEGIN |LS0tLS1CRUdJTi|MII[A-Za-z0-9+/]{20}|UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW/;

test("no summary contains a private key or the body of a certificate", () => {
  for (const [name, summary] of Object.entries(summaries)) expect(summary, name).not.toMatch(PEM);
});

test("the recording of an adoption contains a private key, whose lines no summary has in any encoding", () => {
  const log = readRecording("adopt");
  const [pem = ""] = /-----BEGIN EC PRIVATE KEY.*?END EC PRIVATE KEY-----(\\n)?/.exec(log) ?? [];
  const key = JSON.parse(`"${pem}"`) as string;
  const encodings = [
    Buffer.from(key).toString("base64"),
    Buffer.from(Buffer.from(key).toString("base64")).toString("base64"),
    JSON.stringify(JSON.stringify(key)).slice(1, -1),
    key.replaceAll("\n", " "),
    `key: ${key}`,
  ];
  const body = key.split("\n").slice(1, -2);
  expect(body).toHaveLength(3);
  for (const encoded of [key, ...encodings]) {
    const summary = summarizeLog(log.replaceAll(pem, JSON.stringify(encoded).slice(1, -1)));
    expect(summary).toContain("values.identity.issuer");
    expect(summary).not.toMatch(PEM);
    for (const line of [
      ...body,
      Buffer.from(body[0] ?? "")
        .toString("base64")
        .slice(4, -4),
    ]) {
      expect(summary).not.toContain(line);
    }
  }
});

test("an incomplete log is a failure, wherever it is cut off", () => {
  const log = readRecording("no-change");
  const end = log.indexOf('"summaryEvent"');
  fc.assert(
    fc.property(fc.nat(end), (length) => {
      const summary = summarizeLog(log.slice(0, length));
      expect(summary).toContain("**interrupted**");
      expect(summary).toMatch(/The engine did not (finish|start)/);
      expect(summary).not.toContain("no changes");
    }),
    { numRuns: 30, examples: [[0], [1], [end]] },
  );
});

test("the order of the engine's events does not change a summary", () => {
  for (const name of ["rotation-sign", "adopt", "destroy", "fresh-install-viz"]) {
    const lines = readRecording(name).trimEnd().split("\n");
    expect(summarizeLog(`${lines.toReversed().join("\n")}\n`), name).toBe(
      summarizeLog(`${lines.join("\n")}\n`),
    );
  }
});

test("a mandatory policy violation is a failure, an advisory one is a warning, and debug messages are not shown", () => {
  const event = (fields: object) => JSON.stringify({ sequence: 0, timestamp: 0, ...fields });
  const violation = (enforcementLevel: string, message: string) =>
    event({ policyEvent: { policyName: "meshed", message, enforcementLevel, resourceUrn: "" } });
  const summary = summarizeLog(
    [
      violation("mandatory", "must have a proxy"),
      violation("advisory", "should have a budget"),
      event({ diagnosticEvent: { severity: "debug", message: "Registering resource", color: "never" } }),
      event({ summaryEvent: { result: "failed", isPreview: true, resourceChanges: {} } }),
      "",
    ].join("\n"),
  );
  const [failed = "", warnings = ""] = summary.split("### Warnings");
  expect(failed).toContain("meshed: must have a proxy");
  expect(warnings).toContain("meshed: should have a budget");
  expect(summary).not.toContain("Registering");
});

test("a line that is not an event is rejected with its number, and without its text", () => {
  const lines = readRecording("no-change").split("\n");
  lines[2] = "secret text";
  expect(() => summarizeLog(lines.join("\n"))).toThrow(
    "log.jsonl:3: must be an event of the engine in JSON, got 11 characters of other text. Fix: ",
  );
});

test("a summary of 500 workloads fits into its budget, and reports what it leaves out", () => {
  const operation = toOperation(readRecording("workloads-500"));
  expect(summarize([operation]).length).toBeLessThanOrEqual(60_000);
  const short = summarize([operation], { budget: 5_000 });
  expect(short.length).toBeLessThanOrEqual(5_000);
  expect(short).toContain("not shown");
  expect(short).toContain("shortened");
});

test("the command prints only Markdown, and fails with one line if a file cannot be read", async () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [join(root, "delivery/summary/main.ts"), ...args]);
  const file = join(root, "test/events/no-change.jsonl");
  await Promise.all([
    expect(run(file, "--head", "1234abcd")).resolves.toEqual({ stdout: summaries["no-change"], stderr: "" }),
    expect(run("/nowhere.jsonl")).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^\/nowhere\.jsonl: must be an event log, got ENOENT: .* Fix: .*\n$/),
    }),
  ]);
});
