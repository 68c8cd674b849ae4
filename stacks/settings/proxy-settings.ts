/** Settings of the proxies. `components/linkerd/values/proxy.ts` defines what they mean. */
import { z } from "zod";
import { parseQuantity } from "../../components/inputs/quantity.ts";
import { INBOUND_POLICIES } from "../../components/linkerd/values/mesh-settings.ts";
import { flag, object, oneOf, setting } from "./common-schemas.ts";

/** A quantity of CPUs or bytes. YAML turns one without a unit into a number. */
function quantity(requirement: string, form: RegExp) {
  const reason = `must be ${requirement}`;
  return z
    .union([z.string(), z.number()], reason)
    .transform(String)
    .refine((text) => form.test(text) && (parseQuantity(text) ?? 0) > 0, reason)
    .optional();
}

const cpu = quantity('a Kubernetes quantity of CPUs, e.g. "100m" or 1', /^[\d.]+m?$/);
const memory = quantity('a Kubernetes quantity of bytes, e.g. "250Mi"', /^[\d.]+([kMGTPE]|[KMGTPE]i)?$/);

const LOG_DIRECTIVE = /^([^,=\s]+=)?(off|error|warn|info|debug|trace)$/;
const LOG_LEVEL =
  'must be log directives, <level> or <target>=<level> separated by commas, e.g. "warn,linkerd=info"; levels are off, error, warn, info, debug and trace';

const proxy = object({
  cpuRequest: setting(cpu, {
    description: "CPU request of the proxy.",
    defaultText: "none; `100m` with `highAvailability`",
    chartValues: { controlPlane: ["proxy.resources.cpu.request"] },
  }),
  cpuLimit: setting(cpu, {
    description: "CPU limit of the proxy.",
    defaultText: "none",
    chartValues: { controlPlane: ["proxy.resources.cpu.limit"] },
  }),
  memoryRequest: setting(memory, {
    description: "Memory request of the proxy.",
    defaultText: "none; `20Mi` with `highAvailability`",
    chartValues: { controlPlane: ["proxy.resources.memory.request"] },
  }),
  memoryLimit: setting(memory, {
    description: "Memory limit of the proxy.",
    defaultText: "none; `250Mi` with `highAvailability`",
    chartValues: { controlPlane: ["proxy.resources.memory.limit"] },
  }),
  logLevel: setting(
    z
      .string(LOG_LEVEL)
      .refine((text) => text.split(",").every((directive) => LOG_DIRECTIVE.test(directive)), LOG_LEVEL)
      .optional(),
    {
      description: "Log directives, `<level>` or `<target>=<level>`, separated by commas.",
      defaultText: "`warn,linkerd=info,hickory=error`",
      chartValues: { controlPlane: ["proxy.logLevel"] },
    },
  ),
  nativeSidecar: setting(flag.optional(), {
    description:
      "Run the proxy as a native sidecar: it starts before a pod's containers and stops after them.",
    defaultText: "the chart's: `true` since 2.20",
    chartValues: { controlPlane: ["proxy.nativeSidecar"] },
  }),
});

/** The settings with their defaults. */
export const proxyShape = {
  proxy: setting(proxy.default({}), {
    description: "Resources, log level and kind of every proxy.",
    table: "proxies",
  }),
  defaultInboundPolicy: setting(oneOf(INBOUND_POLICIES).default("all-unauthenticated"), {
    description: `Who may connect to a meshed pod without a policy of its own: ${INBOUND_POLICIES.map((policy) => `\`${policy}\``).join(", ")}. With \`deny\`, Prometheus can't scrape the proxies either: [permit it](workloads.md#scrapes-with-the-inbound-policy-deny) for each meshed namespace. In viz's own namespace, viz's Prometheus is permitted.`,
    table: "proxies",
    chartValues: { controlPlane: ["proxy.defaultInboundPolicy"] },
  }),
};
