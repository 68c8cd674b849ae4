/** TCP connections of the selected workloads. */
import { OPENED, tcpBytesRate, tcpCloseRate, tcpOpen, tcpOpenRate } from "../../promql/applications/tcp.ts";
import type { Section } from "../parts/layout.ts";
import { text, timeseries } from "../parts/panels.ts";
import { range } from "../parts/queries.ts";

const ALL_PROTOCOLS = "Connections of all protocols, those of HTTP included.";

export function connections(matchers: string): Section {
  const accepted = { by: ["srv_port"], matchers };
  const opened = { connections: OPENED, by: ["dependency"], matchers };
  return {
    title: "TCP",
    panels: [
      [
        timeseries({
          title: "Open connections",
          description: `${ALL_PROTOCOLS} Accepted by port, opened by Service.`,
          unit: "short",
          queries: [
            range(tcpOpen(accepted), "accepted on {{srv_port}}"),
            range(tcpOpen(opened), "to {{dependency}}"),
          ],
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "New connections",
          description: `Connections per second. ${ALL_PROTOCOLS}`,
          unit: "cps",
          queries: [
            range(tcpOpenRate(accepted), "accepted on {{srv_port}}"),
            range(tcpOpenRate(opened), "to {{dependency}}"),
          ],
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "Closed connections",
          description: `Connections per second that end, by error. ${ALL_PROTOCOLS} An empty error is a clean end.`,
          unit: "cps",
          queries: [
            range(tcpCloseRate({ by: ["errno"], matchers }), "accepted {{errno}}"),
            range(tcpCloseRate({ connections: OPENED, by: ["errno"], matchers }), "opened {{errno}}"),
          ],
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "Received",
          description: "Bytes per second from callers by port, and from Services in answers.",
          unit: "Bps",
          queries: [
            range(tcpBytesRate("read", accepted), "on {{srv_port}}"),
            range(tcpBytesRate("read", opened), "from {{dependency}}"),
          ],
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "Sent",
          description: "Bytes per second in answers to callers by port, and to Services.",
          unit: "Bps",
          queries: [
            range(tcpBytesRate("write", accepted), "on {{srv_port}}"),
            range(tcpBytesRate("write", opened), "to {{dependency}}"),
          ],
        }),
        8,
        8,
      ],
      [
        text(
          "Not measured",
          "Traffic that the proxy does not see.",
          "Ports that the proxy skips have no metrics: `config.linkerd.io/skip-inbound-ports` and `skip-outbound-ports`, " +
            "and with them mail (SMTP). Opaque ports are measured as TCP only.",
        ),
        8,
        8,
      ],
    ],
  };
}
