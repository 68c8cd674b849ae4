import { expect, test } from "vitest";
import { parseMetrics, sumSamples } from "../../../../verify/observation/proxy-metrics.ts";

/** Lines as a proxy of edge-26.8.3 prints them. */
const TEXT = `# HELP request_total Total count of HTTP requests.
# TYPE request_total counter
request_total{direction="outbound",target_port="8080",tls="true",dst_zone=""} 591
request_total{direction="inbound",target_port="8080",tls="no_identity",no_tls_reason="no_tls_from_remote"} 17
request_total{direction="inbound",target_port="4191",tls="true"} 15

response_latency_ms_bucket{direction="inbound",le="+Inf"} 31
process_start_time_seconds 1764412345.5
# EOF
`;

test("samples are read with their names, labels and values, and comments are skipped", () => {
  const samples = parseMetrics(TEXT);
  expect(samples).toHaveLength(5);
  expect(samples[0]).toEqual({
    name: "request_total",
    labels: { direction: "outbound", target_port: "8080", tls: "true", dst_zone: "" },
    value: 591,
  });
  expect(samples[4]).toEqual({ name: "process_start_time_seconds", labels: {}, value: 1764412345.5 });
});

test("escaped characters and braces in label values are read", () => {
  const [sample] = parseMetrics(String.raw`errors{a="say \"x\"",b="c:\\new",c="one\ntwo",d="{,}"} 1`);
  expect(sample?.labels).toEqual({ a: 'say "x"', b: "c:\\new", c: "one\ntwo", d: "{,}" });
});

test("special values, exponents and timestamps are read", () => {
  const samples = parseMetrics("a +Inf\nb -Inf\nc NaN\nd 1.5e3 1764412345000\n");
  expect(samples.map(({ value }) => value)).toEqual([Infinity, -Infinity, NaN, 1500]);
});

test("text that is not in the Prometheus format is rejected with the number of the line", () => {
  expect(() => parseMetrics("a 1\n<html>\n")).toThrow(
    'metrics of the proxy: line 2 must be a sample, got "<html>"',
  );
});

test("the sum contains the samples that have all labels", () => {
  const samples = parseMetrics(TEXT);
  expect(sumSamples(samples, "request_total", { direction: "inbound" })).toBe(32);
  expect(sumSamples(samples, "request_total", { direction: "inbound", tls: "true" })).toBe(15);
  expect(sumSamples(samples, "request_total", {})).toBe(623);
});

test("the sum of a metric that has not been counted yet is 0", () => {
  expect(sumSamples(parseMetrics(TEXT), "tcp_open_total", {})).toBe(0);
  expect(sumSamples(parseMetrics(TEXT), "request_total", { client_id: "x" })).toBe(0);
});
