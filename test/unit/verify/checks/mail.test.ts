import { expect, test } from "vitest";
import { countAccepted, judgeMail, type MailObservation, mail } from "../../../../verify/checks/mail.ts";
import { parseMetrics } from "../../../../verify/observation/proxy-metrics.ts";
import type { Greeting, GreetingTargets } from "../../../../verify/probe/protocol.ts";
import { COMPARISON_PORT, MAIL_PORTS } from "../../../../verify/workloads/names.ts";
import { contextOn, unmeshedPod, withoutWaiting } from "../../../support/probe-cluster.ts";

const greeting = (host: string, port: number, ms = 8): Greeting => ({
  host,
  port,
  ms,
  line: "220 mail ESMTP",
});
const silence = (host: string, port: number, ms: number, error: string): Greeting => ({
  host,
  port,
  ms,
  error,
});

const mailGreetings = ["mail-inside", "mail-outside"].flatMap((host) =>
  MAIL_PORTS.map((port) => greeting(host, port)),
);
const healthy: MailObservation = {
  clientHasProxy: true,
  greetings: [
    ...mailGreetings,
    silence("mail-inside", COMPARISON_PORT, 15_000, "timeout"),
    greeting("mail-outside", COMPARISON_PORT, 10_012),
  ],
  proxied: { 25: 0, 465: 0, 587: 0, 2525: 0, [COMPARISON_PORT]: 2 },
};

/** The healthy greetings, with these in place of those of the same server and port. */
const withGreetings = (...changed: Greeting[]) =>
  healthy.greetings.map(
    (each) => changed.find(({ host, port }) => host === each.host && port === each.port) ?? each,
  );

test("fast greetings on the mail ports, which the proxy does not see, pass", () => {
  expect(judgeMail(healthy)).toEqual({
    observed: [
      "mail-inside and mail-outside greeted on 25, 465, 587, 2525 within 8 ms",
      "the proxy of client accepted no connection to these ports",
      "for comparison, port 4025 through the proxy: mail-inside:4025 timeout after 15.0 s, mail-outside:4025 greeting after 10.0 s",
    ],
    problems: [],
  });
});

test("a comparison port without delay passes if the proxy accepted its connections", () => {
  const greetings = withGreetings(
    greeting("mail-inside", COMPARISON_PORT, 4),
    greeting("mail-outside", COMPARISON_PORT, 3),
  );
  expect(judgeMail({ ...healthy, greetings }).problems).toEqual([]);
});

test.each<[broken: string, change: Partial<MailObservation>, observed: RegExp, cause: RegExp, docs: string]>([
  [
    "a client without a proxy",
    { clientHasProxy: false, greetings: [], proxied: {} },
    /no proxy in the pods of client/,
    /injector/,
    "docs/settings.md#injection",
  ],
  [
    "mail ports that are removed from the skip list",
    {
      proxied: { ...healthy.proxied, 25: 2, 465: 2, 587: 2, 2525: 2 },
      greetings: withGreetings(
        ...MAIL_PORTS.map((port) => greeting("mail-outside", port, 10_020)),
        silence("mail-inside", 465, 15_000, "timeout"),
      ),
    },
    /accepted connections to 25, 465, 587, 2525: .*mail-outside:25 greeting after 10\.0 s/,
    /`ports\.skipSmtp` is `false`, or an annotation/,
    "docs/settings.md#ports",
  ],
  [
    "one mail port that is opaque instead of skipped",
    { proxied: { ...healthy.proxied, 2525: 2 } },
    /accepted connections to 2525: mail-inside:2525 greeting after 8 ms, mail-outside:2525/,
    /not skipped outbound/,
    "docs/settings.md#ports",
  ],
  [
    "a server in the mesh whose mail ports are not opaque",
    {
      greetings: withGreetings(
        greeting("mail-inside", 465, 10_004),
        silence("mail-inside", 2525, 10_003, "closed"),
      ),
    },
    /mail-inside:465 greeting after 10\.0 s; no greeting within 1\.0 s: mail-inside:2525 closed/,
    /not in its list of opaque ports/,
    "docs/workloads.md#ports",
  ],
  [
    "a server outside the mesh that does not answer",
    { greetings: withGreetings(silence("mail-outside", 25, 2, "ECONNREFUSED")) },
    /no greeting within 1\.0 s: mail-outside:25 ECONNREFUSED after 2 ms/,
    /network policy/,
    "docs/workloads.md#ports",
  ],
  [
    "a comparison port that the proxy does not see",
    {
      greetings: withGreetings(
        greeting("mail-inside", COMPARISON_PORT, 3),
        greeting("mail-outside", COMPARISON_PORT, 2),
      ),
      proxied: { ...healthy.proxied, [COMPARISON_PORT]: 0 },
    },
    /no connection to port 4025 \(mail-inside:4025 greeting after 3 ms, .*proves nothing/,
    /does not redirect to its proxy/,
    "docs/settings.md#ports",
  ],
])("%s is one problem", (_, change, observed, cause, docs) => {
  const { problems } = judgeMail({ ...healthy, ...change });
  expect(problems).toHaveLength(1);
  expect(problems[0]?.observed).toMatch(observed);
  expect(problems[0]?.cause).toMatch(cause);
  expect(problems[0]?.docs).toBe(docs);
});

test("a late port is a problem of its own beside a port that the proxy accepts", () => {
  const { problems } = judgeMail({
    ...healthy,
    proxied: { ...healthy.proxied, 25: 2 },
    greetings: withGreetings(silence("mail-outside", 587, 15_000, "timeout")),
  });
  expect(problems.map(({ observed }) => observed)).toEqual([
    expect.stringContaining("accepted connections to 25"),
    expect.stringContaining("mail-outside:587 timeout"),
  ]);
});

/** Metrics as a proxy of edge-26.8.3 prints them: each connection with its source and its destination. */
const metrics = (comparison: number, smtp: number) => `
tcp_open_total{direction="outbound",peer="src",target_addr="10.96.80.156:4025",target_ip="10.96.80.156",target_port="4025",tls="no_identity",no_tls_reason="loopback"} ${comparison}
tcp_open_total{direction="outbound",peer="dst",authority="mail-inside.mesh-verify.svc.cluster.local:4025",target_addr="10.244.0.76:4025",target_ip="10.244.0.76",target_port="4025",tls="true"} ${comparison}
tcp_open_total{direction="outbound",peer="src",target_addr="10.96.80.156:25",target_ip="10.96.80.156",target_port="25",tls="no_identity",no_tls_reason="loopback"} ${smtp}
tcp_open_total{direction="inbound",peer="src",target_addr="0.0.0.0:4191",target_ip="0.0.0.0",target_port="4191",tls="no_identity",no_tls_reason="no_tls_from_remote",srv_port="4191"} 15
`;

test("each connection of the application is counted once", () => {
  const samples = parseMetrics(metrics(136, 3));
  expect(countAccepted(samples, COMPARISON_PORT)).toBe(136);
  expect(countAccepted(samples, 25)).toBe(3);
  expect(countAccepted(samples, 4191)).toBe(0);
});

/** A cluster in which the first `lateAttempts` attempts reach no server, and whose proxy sees `seen` on each attempt. */
function simulate(lateAttempts: number, seen: { smtp: number }) {
  const attempts: GreetingTargets[] = [];
  const run = (_: string, script: string, args: GreetingTargets) => {
    if (script === "proxy-metrics") {
      const comparisons = attempts.filter(({ targets }) =>
        targets.some(({ port }) => port === COMPARISON_PORT),
      );
      return metrics(4 + 2 * comparisons.length, 3 + seen.smtp * attempts.length);
    }
    attempts.push(args);
    return args.targets.map(({ host, port }) =>
      attempts.length > lateAttempts ? greeting(host, port) : silence(host, port, 1, "ECONNREFUSED"),
    );
  };
  return { attempts, run };
}

test("the check waits for new Services, and then judges one more attempt with the comparison port", async () => {
  const { attempts, run } = simulate(1, { smtp: 0 });
  const { problems } = await withoutWaiting(() => mail.run(contextOn({ run })));
  expect(problems).toEqual([]);
  expect(attempts.map(({ targets }) => targets.length)).toEqual([8, 8, 10]);
});

test("the check reports the connections that the proxy accepted during the judged attempt", async () => {
  const { problems } = await mail.run(contextOn({ run: simulate(0, { smtp: 2 }).run }));
  expect(problems.map(({ observed }) => observed)).toEqual([
    expect.stringContaining("the proxy of client accepted connections to 25:"),
  ]);
});

test("the check sends nothing from a client without a proxy", async () => {
  const { problems } = await mail.run(contextOn({ pods: (workload) => [unmeshedPod(workload)] }));
  expect(problems).toHaveLength(1);
});
