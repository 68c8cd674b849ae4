/** The settings of the mesh itself: their shapes. What they mean is said in `components/linkerd/mesh-settings.ts`. */
import { z } from "zod";
import {
  DEFAULT_IMAGE_REGISTRY,
  DEFAULT_NETWORK_VALIDATOR_ADDRESS,
  INBOUND_POLICIES,
  INJECTION_MODES,
} from "../../components/linkerd/values/mesh-settings.ts";
import { quantity } from "../../components/linkerd/values/proxy.ts";
import { flag, object } from "./common-schemas.ts";

const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, `expected ${values.map((value) => `"${value}"`).join(", ")}`);

/** A number of CPUs or bytes; written without a unit it reaches us as a number. */
const amount = (expected: string, units: RegExp) =>
  z
    .union([z.string(), z.number()], expected)
    .transform(String)
    .refine((text) => units.test(text) && (quantity(text) ?? 0) > 0, expected)
    .optional();
const cpu = amount('expected CPUs as Kubernetes counts them, e.g. "100m" or 1', /^[\d.]+m?$/);
const memory = amount(
  'expected bytes as Kubernetes counts them, e.g. "250Mi"',
  /^[\d.]+([kMGTPE]|[KMGTPE]i)?$/,
);

const LOG_DIRECTIVE = /^([^,=\s]+=)?(off|error|warn|info|debug|trace)$/;

const proxy = object({
  cpuRequest: cpu,
  cpuLimit: cpu,
  memoryRequest: memory,
  memoryLimit: memory,
  logLevel: z
    .string('expected log directives, e.g. "warn,linkerd=info"')
    .refine(
      (text) => text.split(",").every((directive) => LOG_DIRECTIVE.test(directive)),
      'expected log directives, <level> or <target>=<level> with commas between, e.g. "warn,linkerd=info"; levels are off, error, warn, info, debug and trace',
    )
    .optional(),
  nativeSidecar: flag.optional(),
});

// Which numbers are ports is said by components/linkerd/ports.ts, for ranges as well.
const portList = z
  .array(
    z.union([z.number(), z.string()], 'expected a port or a range, e.g. 6000 or "4000-4010"'),
    'expected a list of ports and ranges, e.g. [6000, "4000-4010"]',
  )
  .optional();

const ports = object({
  skipOutbound: portList,
  skipInbound: portList,
  opaque: portList,
  skipSmtp: flag.optional(),
});

const valuesOf = (chart: string) =>
  z.record(z.string(), z.unknown(), `expected an object: values of the chart ${chart}`).optional();

const extraValues = object({
  crds: valuesOf("linkerd-crds"),
  controlPlane: valuesOf("linkerd-control-plane"),
  viz: valuesOf("linkerd-viz"),
  cni: valuesOf("linkerd2-cni"),
});

const REGISTRY = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;
// RFC 1123: what Kubernetes takes for the name of a Secret.
const SECRET_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const ADDRESS = /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]/]+):([1-9]\d{0,4})$/;

/** Each setting with its default, as the settings of a stack take them. */
export const meshShape = {
  highAvailability: flag.default(false),
  replicas: z
    .number("expected a whole number of replicas")
    .int("expected a whole number of replicas")
    .min(0, "expected 0 (3 with highAvailability, else 1) or more")
    .max(99, "expected at most 99 replicas")
    .default(0),
  imageRegistry: z
    .string()
    .regex(
      REGISTRY,
      'expected a registry and a path, without "https://" before or a "/" after, e.g. "registry.corp.example/linkerd"',
    )
    .default(DEFAULT_IMAGE_REGISTRY),
  imagePullSecrets: z
    .array(
      z.string("expected the name of a Secret").regex(SECRET_NAME, "expected the name of a Secret"),
      'expected a list of names of Secrets, e.g. ["registry-login"]',
    )
    .refine((names) => new Set(names).size === names.length, "expected each Secret once")
    .default([]),
  proxy: proxy.default({}),
  defaultInboundPolicy: oneOf(INBOUND_POLICIES).default("all-unauthenticated"),
  ports: ports.default({}),
  cni: flag.default(false),
  injection: oneOf(INJECTION_MODES).default("policy"),
  heartbeat: flag.default(true),
  networkValidatorAddress: z
    .string()
    .refine(
      (text) => Number(ADDRESS.exec(text)?.[2] ?? Number.NaN) <= 65535,
      'expected an address and a port, e.g. "10.0.0.1:20001" or "[fd00::1]:20001"',
    )
    .default(DEFAULT_NETWORK_VALIDATOR_ADDRESS),
  extraValues: extraValues.default({}),
};
