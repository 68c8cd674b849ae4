/**
 * The metrics that viz itself queries. A Prometheus that drops one of them breaks a command or a page of viz.
 *
 * Sources in linkerd2: viz/metrics-api (stat_summary.go, top_routes.go, edges.go, gateways.go, policy.go, grpc_server.go), and
 * the commands `linkerd viz stat-inbound` and `stat-outbound` (viz/cmd), which query Prometheus without the API.
 */
export const VIZ_SERIES: readonly string[] = [
  "response_total",
  "response_latency_ms_bucket",
  "tcp_open_connections",
  "tcp_read_bytes_total",
  "tcp_write_bytes_total",
  "route_response_total",
  "route_actual_response_total",
  "route_response_latency_ms_bucket",
  "inbound_http_authz_allow_total",
  "inbound_http_authz_deny_total",
  "gateway_alive",
  "gateway_probe_latency_ms_bucket",
  "process_start_time_seconds",
  ...["http", "grpc"].flatMap((protocol) => [
    `outbound_${protocol}_route_request_statuses_total`,
    `outbound_${protocol}_route_request_duration_seconds_bucket`,
    `outbound_${protocol}_route_retry_requests_total`,
    `outbound_${protocol}_route_backend_response_statuses_total`,
    `outbound_${protocol}_route_backend_response_duration_seconds_bucket`,
  ]),
];
