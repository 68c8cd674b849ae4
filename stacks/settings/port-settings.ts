/** The setting `ports`. `components/linkerd/values/ports.ts` defines what it means. */
import { z } from "zod";
import { flag, object, setting } from "./common-schemas.ts";

// `components/inputs/port-set.ts` validates the items, because ranges need more than a pattern.
const portList = z
  .array(
    z.union([z.number(), z.string()], 'must be a port or a range, e.g. 6000 or "4000-4010"'),
    'must be a list of ports and ranges, e.g. [6000, "4000-4010"]',
  )
  .optional();

const ports = object({
  skipOutbound: setting(portList, {
    description: "Outbound connections to these ports bypass the proxy.",
    defaultText: "`[]`",
    chartValues: { controlPlane: ["proxyInit.ignoreOutboundPorts"], cni: ["ignoreOutboundPorts"] },
  }),
  skipInbound: setting(portList, {
    description: "Inbound connections to these ports bypass the proxy.",
    defaultText: "`[]`",
    chartValues: { controlPlane: ["proxyInit.ignoreInboundPorts"], cni: ["ignoreInboundPorts"] },
  }),
  opaque: setting(portList, {
    description:
      "The proxy carries these ports as plain TCP: for protocols in which the server speaks first. SMTP always is.",
    defaultText: "`[]`",
    chartValues: { controlPlane: ["proxy.opaquePorts"] },
  }),
  skipSmtp: setting(flag.optional(), {
    description: "Skip SMTP outbound: ports 25, 465, 587 and 2525.",
    defaultText: "`true`",
    renamedFrom: "mail",
  }),
});

/** The setting with its default. */
export const portShape = {
  ports: setting(ports.default({}), {
    description: "Ports to add to Linkerd's own lists of skipped and opaque ports.",
    table: "ports",
  }),
};
