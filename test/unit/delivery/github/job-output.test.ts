import { expect, test } from "vitest";
import { RedactedLines } from "../../../../delivery/github/jobs/redacted-lines.ts";
import { runCommand } from "../../../../delivery/github/jobs/run-command.ts";
import { useFakeJob } from "../../../support/workflows/fake-job.ts";

const job = useFakeJob();

const KEY =
  "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIGx5bGxvd3N1Ym1hcmluZXllbGxvd3N1Ym1hcmluZQ==\n-----END EC PRIVATE KEY-----";
const KEY_IN_BASE64 = Buffer.from(`${KEY}\n`.repeat(3))
  .toString("base64")
  .replaceAll(/(.{76})/g, "$1\n");

test.each([
  ["a key", KEY],
  ["a key in base64 of several lines", KEY_IN_BASE64],
  ["a key in base64 of one line", KEY_IN_BASE64.replaceAll("\n", "")],
])("the log of a job shows all lines but those of %s, however the output arrives", (_name, key) => {
  const text = `before\n${key}\nafter\n`;
  for (const size of [1, 7, 64, text.length]) {
    let shown = "";
    const lines = new RedactedLines((piece) => {
      shown += piece;
    });
    for (let at = 0; at < text.length; at += size) lines.add(text.slice(at, at + size));
    lines.end();
    expect(shown).toBe("before\n[a private key]\nafter\n");
  }
});

test("lines without a key are shown when they are written", () => {
  const shown: string[] = [];
  const lines = new RedactedLines((piece) => shown.push(piece));
  lines.add("one\ntw");
  expect(shown).toEqual(["one\n"]);
  lines.add("o\n");
  expect(shown).toEqual(["one\n", "two\n"]);
});

test("a key whose end is missing hides the rest of the output", () => {
  let shown = "";
  const lines = new RedactedLines((piece) => {
    shown += piece;
  });
  lines.add(`before\n${KEY.slice(0, 60)}`);
  lines.end();
  expect(shown).toBe("before\n[a private key, and the rest of the output]\n");
});

test("neither the log nor the result of a command has a private key", async () => {
  job.addCommand("leak", `cat <<'END'\n${KEY}\nEND\ncat >&2 <<'END'\n${KEY_IN_BASE64}\nEND\nexit 3`);
  const result = await runCommand("leak", []);
  expect(result).toEqual({ code: 3, stdout: "[a private key]\n", stderr: "[a private key]\n" });
  expect(job.log).toBe("[a private key]\n".repeat(2));
});

test("a command that is not installed is an error with its name", async () => {
  await expect(runCommand("no-such-command", [])).rejects.toThrow(/^no-such-command: must be on PATH/);
});
