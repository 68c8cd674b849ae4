/** The Service of a workload, made of the ports that its containers name. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { listOf, matching, oneOf, policyDuration, type Read, wholeNumber } from "../inputs/readers.ts";
import type { Mistakes } from "../inputs/validation.ts";
import { includesPort } from "../linkerd/values/ports.ts";
import type { Annotations } from "../meshing/annotations.ts";
import type { ContainerPort } from "../meshing/port-items.ts";

/** {@link MeshedDeploymentArgs.service} */
export interface ServiceOptions {
  /** Port of the Service by name of the container's port, e.g. `{ http: 80 }`. @default the container's port */
  ports?: Record<string, number> | undefined;
}

/** How long callers wait, as whole numbers with a unit (`ms`, `s`, `m`, `h`, `d`). Not given: without end. */
export interface TimeoutOptions {
  /** From the first byte of a request to the last of its response, retries included. */
  request?: pulumi.Input<string> | undefined;
  /** From the last byte of a request to the last of its response. */
  response?: pulumi.Input<string> | undefined;
  /** Without a byte in either direction. */
  idle?: pulumi.Input<string> | undefined;
}

/** What callers' proxies try again, once if nothing is said of how often. */
export interface RetryOptions {
  /** How often, 1 to 65535. @default 1 */
  limit?: pulumi.Input<number> | undefined;
  /** How long an attempt may take before the next is made, e.g. `"400ms"`. */
  timeout?: pulumi.Input<string> | undefined;
  /** HTTP answers to retry: `"5xx"`, `"gateway-error"`, a status `"503"` or a range `"500-504"`. */
  http?: pulumi.Input<string[]> | undefined;
  /**
   * gRPC answers to retry, on the ports named `grpc` or `grpc-…`, which have to be known when the program runs. A
   * GRPCRoute is made for each (Gateway API, as Linkerd's charts bring it): without one, Linkerd reads no such answer.
   */
  grpc?:
    | pulumi.Input<("cancelled" | "deadline-exceeded" | "internal" | "resource-exhausted" | "unavailable")[]>
    | undefined;
}

const answers = matching(
  /^(5xx|gateway-error|[1-5]\d\d(-[1-5]\d\d)?)$/,
  '"5xx", "gateway-error", "503" or "500-504"',
);

/** For one range that runs backwards, the controller drops the whole annotation. */
function httpAnswers(value: unknown): string {
  const text = answers(value);
  const [, from = "", to = from] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (from <= to) return text;
  throw new RangeError(`"${text}" runs backwards. Expected "${to}-${from}".`);
}

// linkerd2, policy-controller/k8s/index/src/outbound: index.rs (timeouts), index/http.rs and index/grpc.rs (retries).
const TRAFFIC: Record<string, Record<string, Read>> = {
  timeout: { request: policyDuration, response: policyDuration, idle: policyDuration },
  retry: {
    limit: wholeNumber(1, 65535),
    timeout: policyDuration,
    http: listOf(httpAnswers),
    grpc: listOf(oneOf("cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable")),
  },
};

/** Annotations of a Service by which callers' proxies wait and try again. */
export function trafficAnnotations(
  timeouts: TimeoutOptions | undefined,
  retries: RetryOptions | undefined,
  mistakes: Mistakes,
): Annotations {
  const annotations: Annotations = {};
  const given = { timeout: timeouts, retry: retries };
  for (const [group, fields] of Object.entries(TRAFFIC)) {
    const plural = group === "retry" ? "retries" : "timeouts";
    const options = (given[group as keyof typeof given] ?? {}) as Record<string, unknown>;
    mistakes.addUnknownKeys(plural, options, Object.keys(fields));
    for (const [field, read] of Object.entries(fields)) {
      if (options[field] === undefined) continue;
      const value = mistakes.read(`${plural}.${field}`, options[field], read);
      if (value !== undefined) annotations[`${group}.linkerd.io/${field}`] = value;
    }
  }
  return annotations;
}

/** A port of the Service, and the container's that it leads to. */
interface ServedPort {
  name: string;
  port: number;
  targetPort: number | string;
  protocol: string;
  container: ContainerPort;
}

/** The ports of the Service. Throws a `RangeError` about what the API server would refuse: late, and in other words. */
export function servedPorts(ports: readonly ContainerPort[], options: ServiceOptions): ServedPort[] {
  if (ports.length === 0) {
    throw new RangeError("the containers have no ports to serve. Name them in the spec, or leave it out.");
  }
  const names = ports.map(({ name }) => name);
  const strange = Object.keys(options.ports ?? {}).filter((name) => !names.includes(name));
  if (strange.length > 0) {
    throw new RangeError(
      `${JSON.stringify(strange[0])} is the name of no container's port; the named ones are ` +
        `${names.filter(Boolean).join(", ") || "none"}.`,
    );
  }
  const served = ports.map((container) => {
    const { name, containerPort, protocol = "TCP" } = container;
    return {
      name: name ?? unnamed(containerPort, protocol),
      port: asServed(container, options),
      targetPort: name ?? containerPort,
      protocol,
      container,
    };
  });
  const numbers = [...ports.map(({ containerPort }) => containerPort), ...served.map(({ port }) => port)];
  for (const port of numbers) {
    if (Number.isInteger(port) && port >= 1 && port <= 65535) continue;
    throw new RangeError(`${JSON.stringify(port)} is no port. Expected a number from 1 to 65535.`);
  }
  const port = repeated(served.map(({ port, protocol }) => `${port}/${protocol}`));
  if (port !== undefined) {
    throw new RangeError(
      `two of its ports would be ${port}. Expected each once: one may be moved by service.ports, by its name.`,
    );
  }
  const name = repeated(served.map(({ name }) => name));
  if (name !== undefined) {
    throw new RangeError(`two of its ports would be named "${name}". Expected each name once.`);
  }
  return served;
}

/**
 * The same, as Kubernetes has them. `appProtocol` is set where the container port's name tells it: `http…` is HTTP/1,
 * `h2c…`, `http2…` and `grpc…` are HTTP/2; anything else is left to detection. A port that is to be carried
 * as opaque has none, since it would win over that (linkerd2, policy-controller, outbound/index.rs).
 */
export function withAppProtocol(
  served: readonly ServedPort[],
  opaque: string,
): k8s.types.input.core.v1.ServicePort[] {
  return served.map(({ container, ...port }) => {
    const appProtocol = includesPort(opaque, container.containerPort)
      ? undefined
      : appProtocolOf(container.name);
    return { ...port, ...(appProtocol !== undefined && { appProtocol }) };
  });
}

/** Those that the pods carry as opaque, by their numbers in the Service, in Linkerd's form. */
export function carriedPorts(served: readonly ServedPort[], opaque: string): string {
  return served
    .filter(({ container }) => includesPort(opaque, container.containerPort))
    .map(({ port }) => port)
    .join(",");
}

/** The number by which the Service has a container's port. */
export function asServed({ name, containerPort }: ContainerPort, { ports }: ServiceOptions): number {
  return ports?.[name ?? ""] ?? containerPort;
}

/** TCP goes without saying, as it does in Kubernetes. */
function unnamed(port: number, protocol: string): string {
  return protocol === "TCP" ? `port-${port}` : `port-${port}-${protocol.toLowerCase()}`;
}

function repeated(items: readonly string[]): string | undefined {
  return items.find((item, index) => items.indexOf(item) !== index);
}

/** Whether a port of this name speaks gRPC. */
export function isGrpc(name = ""): boolean {
  return /^grpc(-|$)/.test(name);
}

function appProtocolOf(name = ""): string | undefined {
  if (isGrpc(name) || /^(h2c|http2)(-|$)/.test(name)) return "kubernetes.io/h2c";
  return /^http(-|$)/.test(name) ? "http" : undefined;
}
