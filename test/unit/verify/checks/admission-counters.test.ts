import { expect, test } from "vitest";
import {
  parseAdmissionCounters,
  readAdmissionCounters,
} from "../../../../verify/cluster/admission-counters.ts";

const METRICS = `# HELP apiserver_admission_webhook_fail_open_count [ALPHA] Admission webhook fail open count
# TYPE apiserver_admission_webhook_fail_open_count counter
apiserver_admission_webhook_fail_open_count{name="linkerd-proxy-injector.linkerd.io",type="admit"} 3
apiserver_admission_webhook_fail_open_count{name="other.example.com",type="admit"} 7
apiserver_admission_webhook_admission_duration_seconds_bucket{name="linkerd-proxy-injector.linkerd.io",operation="CREATE",rejected="false",type="admit",le="0.5"} 12
apiserver_admission_webhook_admission_duration_seconds_count{name="linkerd-proxy-injector.linkerd.io",operation="CREATE",rejected="false",type="admit"} 20
apiserver_admission_webhook_admission_duration_seconds_count{name="linkerd-proxy-injector.linkerd.io",operation="CREATE",rejected="true",type="admit"} 1
apiserver_admission_webhook_rejection_count{error_type="calling_webhook_error",name="linkerd-policy-validator.linkerd.io",operation="CREATE",rejection_code="0",type="validating"} 2
apiserver_admission_webhook_rejection_count{error_type="no_error",name="linkerd-policy-validator.linkerd.io",operation="CREATE",rejection_code="400",type="validating"} 5
process_start_time_seconds 1.79584321e+09
`;

test("the counters of Linkerd's webhooks are read from the metrics of an API server, and no others", () => {
  expect(parseAdmissionCounters(METRICS)).toEqual({
    processStart: 1795843210,
    calls: { "linkerd-proxy-injector.linkerd.io": 21 },
    failOpen: { "linkerd-proxy-injector.linkerd.io": 3 },
    failClosed: { "linkerd-policy-validator.linkerd.io": 2 },
  });
});

test.each([401, 403])(
  "without access to the metrics of the API server (%d), there are no counters",
  async (status) => {
    expect(await readAdmissionCounters({ get: async () => ({ status, body: "" }) })).toBeUndefined();
  },
);

test("an API server that answers an error to /metrics is not an API server without access", async () => {
  const cluster = { get: async () => ({ status: 503, body: "" }) };
  await expect(readAdmissionCounters(cluster)).rejects.toThrow("the API server answers 503 to /metrics");
});
