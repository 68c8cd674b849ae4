import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { findProcesses } from "../../../sandbox/processes.ts";
import { openssl } from "../../support/cluster.ts";
import { root } from "../../support/package.ts";

const DIRECTORY = join(mkdtempSync(join(tmpdir(), "sandbox-")), "sandbox");
const NETWORK = `linkerd-mesh-${process.pid}`;
const COMPONENTS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller"];

/** Sends one datagram to an address that is reserved for documentation (RFC 5737). */
const DIAL =
  'const s = require("dgram").createSocket("udp4"); s.send("x", 9, "198.51.100.1", () => s.close())';

const ip = (...args: string[]) => execFileSync("ip", args, { encoding: "utf8" });

/** Runs `npm run sandbox -- <command>` in a network namespace whose only route out leads nowhere and is counted. */
async function sandbox(...command: string[]) {
  const env = {
    ...process.env,
    LINKERD_MESH_SANDBOX: DIRECTORY,
    LINKERD_CHARTS: inject("charts").chartSource,
  };
  const args = ["netns", "exec", NETWORK, process.execPath, join(root, "sandbox/main.ts"), ...command];
  return promisify(execFile)("ip", args, { env });
}

// Network namespaces require Linux and root. The sandbox itself requires neither.
describe.skipIf(process.platform !== "linux" || process.getuid?.() !== 0)("npm run sandbox", () => {
  beforeAll(() => {
    ip("netns", "add", NETWORK);
    ip("-n", NETWORK, "link", "set", "lo", "up");
    ip("-n", NETWORK, "link", "add", "out", "type", "veth", "peer", "name", "nowhere");
    for (const link of ["out", "nowhere"]) {
      execFileSync("ip", [
        "netns",
        "exec",
        NETWORK,
        "sh",
        "-c",
        `echo 1 > /proc/sys/net/ipv6/conf/${link}/disable_ipv6`,
      ]);
      ip("-n", NETWORK, "link", "set", link, "multicast", "off", "arp", "off", "up");
    }
    ip("-n", NETWORK, "address", "add", "192.0.2.1/24", "dev", "out");
    ip("-n", NETWORK, "route", "add", "default", "dev", "out");
  });
  afterAll(async () => {
    await sandbox("delete");
    ip("netns", "delete", NETWORK);
  });

  const kubectl = async (...args: string[]) => (await sandbox("kubectl", ...args)).stdout;
  const pods = () => kubectl("get", "pods", "-A", "-o", "jsonpath={.items[*].metadata.uid}");

  test("the first start of the sandbox prints the workloads, the expiry of each certificate and the next steps", async () => {
    const { stdout } = await sandbox();
    for (const workload of [
      "linkerd-identity",
      "linkerd-destination",
      "linkerd-proxy-injector",
      "web",
      "hello",
    ]) {
      expect(stdout).toMatch(new RegExp(` ${workload} +(\\d)/\\1 Running`));
    }
    const century = new Date(Date.now() + 100 * 365 * 86_400_000).getUTCFullYear();
    expect(stdout.match(new RegExp(`expires ${century}-\\d\\d-\\d\\d`, "g"))).toHaveLength(7);
    expect(stdout).toContain("npm run sandbox -- preview");
    const injector = await kubectl(
      "get",
      "secret",
      "-n",
      "linkerd",
      "linkerd-proxy-injector-k8s-tls",
      "-o",
      "jsonpath={.data.tls\\.crt}",
    );
    expect(openssl(["x509", "-noout", "-enddate"], Buffer.from(injector, "base64").toString())).toContain(
      String(century),
    );
  });

  test("the example workload of the sandbox is meshed", async () => {
    const hello = JSON.parse(await kubectl("get", "deployment", "hello", "-o", "json"));
    expect(hello.spec.template.metadata.annotations["linkerd.io/inject"]).toBe("enabled");
    expect(hello.spec.template.metadata.labels["linkerd.io/inject"]).toBe("enabled");
    expect(hello.spec.selector.matchLabels).toEqual({ app: "hello" });
  });

  test("`kubeconfig` prints the path of the kubeconfig and nothing else", async () => {
    const { stdout, stderr } = await sandbox("kubeconfig");
    expect(existsSync(stdout.trim())).toBe(true);
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(stderr).toBe("");
  });

  test("a second start of the sandbox takes less than 30 seconds and replaces no pod", async () => {
    const before = await pods();
    const started = Date.now();
    await sandbox();
    expect(Date.now() - started).toBeLessThan(30_000);
    expect(await pods()).toBe(before);
  });

  test("a preview of the sandbox shows no change and no warning", async () => {
    const { stdout } = await sandbox("preview");
    expect(stdout).toMatch(/Resources:\n +\d+ unchanged/);
    expect(stdout).not.toMatch(/warning|to create|to update/);
  });

  test("an unknown command is an error that lists the commands", async () => {
    await expect(sandbox("dance")).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Usage: npm run sandbox"),
    });
  });

  test("the sandbox sends no packet to an address that is not loopback", () => {
    const [link] = JSON.parse(ip("-n", NETWORK, "-s", "-j", "link", "show", "out"));
    expect(link.stats64.tx).toMatchObject({ packets: 0, errors: 0, dropped: 0 });
    // The counter works: one packet to nowhere increases it.
    execFileSync("ip", ["netns", "exec", NETWORK, process.execPath, "-e", DIAL]);
    const [afterOnePacket] = JSON.parse(ip("-n", NETWORK, "-s", "-j", "link", "show", "out"));
    expect(afterOnePacket.stats64.tx.packets).toBeGreaterThan(0);
  });

  test("after a kill in the middle of an update, one command brings the sandbox up again", async () => {
    await sandbox("destroy");
    const update = execFile(
      "ip",
      ["netns", "exec", NETWORK, process.execPath, join(root, "sandbox/main.ts"), "up"],
      {
        env: {
          ...process.env,
          LINKERD_MESH_SANDBOX: DIRECTORY,
          LINKERD_CHARTS: inject("charts").chartSource,
        },
      },
    );
    await expect
      .poll(() => kubectl("get", "secrets", "-n", "linkerd"), { timeout: 60_000 })
      .toContain("helm.sh/release");
    update.kill("SIGKILL");
    const { stderr, stdout } = await sandbox();
    expect(stderr).toContain("The last update was interrupted");
    expect(stdout).toMatch(/ hello +2\/2 Running/);
  });

  test("a stopped sandbox has no process and no port, and starts again as the same cluster", async () => {
    const before = await pods();
    const { stdout } = await sandbox("stop");
    expect(findProcesses(DIRECTORY, COMPONENTS)).toEqual([]);
    const listening = execFileSync("ip", ["netns", "exec", NETWORK, "cat", "/proc/net/tcp"], {
      encoding: "utf8",
    });
    expect(listening.split("\n").filter((line) => / 0A /.test(line))).toEqual([]);
    expect(stdout).toContain("are free again");
    await sandbox();
    await sleep(1000);
    expect(await pods()).toBe(before);
  });
});
