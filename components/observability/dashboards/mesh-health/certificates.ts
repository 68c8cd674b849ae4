/** Identities of proxies, and the certificates of the installation. */
import { certificateSeconds, issuerSeconds } from "../../promql/mesh/certificates.ts";
import {
  proxiesWithoutIdentity,
  proxyCertificateRenewals,
  proxyCertificateSeconds,
} from "../../promql/mesh/proxies.ts";
import { NAMESPACES } from "../../promql/selection.ts";
import type { Section } from "../parts/layout.ts";
import { stat, timeseries } from "../parts/panels.ts";
import { instant, range } from "../parts/queries.ts";
import { table } from "../parts/table.ts";
import { EXPIRY, NONE_EXPECTED, PROXY_EXPIRY } from "../parts/thresholds.ts";

export function certificates(): Section {
  const query = { matchers: NAMESPACES };
  return {
    title: "Identity and certificates",
    panels: [
      [
        stat({
          title: "Proxies without identity",
          description: "Proxies that have not received a certificate. They have no mTLS.",
          unit: "short",
          thresholds: NONE_EXPECTED,
          queries: [instant(proxiesWithoutIdentity(query), "proxies")],
        }),
        4,
        8,
      ],
      [
        stat({
          title: "First proxy certificate expires in",
          description:
            "A proxy's certificate is valid for 24 hours and renewed when 7 remain. Less than 7 hours: renewals fail.",
          unit: "s",
          thresholds: PROXY_EXPIRY,
          queries: [instant(proxyCertificateSeconds(query), "first")],
        }),
        4,
        8,
      ],
      [
        stat({
          title: "Issuer expires in",
          description:
            "The identity issuer in use, as the identity controller reports it. No data where the controller is not scraped.",
          unit: "s",
          thresholds: EXPIRY,
          noValue: "not scraped",
          queries: [instant(issuerSeconds(), "issuer")],
        }),
        4,
        8,
      ],
      [
        timeseries({
          title: "Renewals of proxies' certificates",
          description: "Renewals within the interval, successful and failed.",
          unit: "short",
          queries: (["ok", "error"] as const).map((result) =>
            range(proxyCertificateRenewals(result, query), result),
          ),
        }),
        6,
        8,
      ],
      [
        table({
          title: "Certificates of the installation",
          description:
            "The trust anchor, the issuer and the webhook certificates of the stack. Linkerd does not export when they " +
            "expire: the recording rules of the stack do. Without them, the table is empty.",
          labels: [{ label: "certificate", title: "Certificate" }],
          columns: [{ title: "Expires in", expr: certificateSeconds(), unit: "s", thresholds: EXPIRY }],
          sortBy: "Expires in",
          ascending: true,
        }),
        6,
        8,
      ],
    ],
  };
}
