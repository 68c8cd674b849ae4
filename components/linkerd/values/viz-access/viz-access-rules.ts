/** Rules for the settings of access to viz's dashboard. Values that are Outputs are checked when they resolve. */
import { isDnsLabel, isDnsSubdomain } from "../../../inputs/kubernetes-names.ts";
import { knownValue } from "../../../inputs/outputs.ts";
import { formatValue, type ValidationIssue } from "../../../inputs/validation.ts";
import { findController, HOST_REWRITES } from "./ingress-controllers.ts";
import { type VizAccessSettings, type VizGateway, type VizIngress, vizAuth } from "./viz-access-settings.ts";

// The last label of a domain has a letter, so an IPv4 address is none.
const ADDRESS = /^[\d.]+$/;
// The name is a key of a Secret for HAProxy, and is before a colon for the others.
const USER = /^[-._a-zA-Z0-9]{1,64}$/;

/** Adds `vizAccess` to the path of an issue. */
const at = (path: readonly (string | number)[], issue: Omit<ValidationIssue, "path">): ValidationIssue => ({
  path: ["vizAccess", ...path],
  ...issue,
});

/** Issues with the settings of access to viz. */
export function vizAccessIssues(access: VizAccessSettings = {}): ValidationIssue[] {
  return [
    ...callerIssues(access),
    ...hostIssues(access),
    ...routeIssues(access),
    ...authIssues(access),
    ...tlsIssues(access),
    ...(access.ingress ? annotationIssues(access.ingress, vizAuth(access) === "basic") : []),
    ...(access.gateway ? gatewayIssues(access.gateway) : []),
  ];
}

function callerIssues({ allowFrom }: VizAccessSettings): ValidationIssue[] {
  if (allowFrom === undefined || allowFrom === "all") return [];
  if (allowFrom.length === 0) {
    return [
      at(["allowFrom"], {
        reason: 'must be a list with at least one ServiceAccount, or "all"',
        got: "an empty list",
        fixes: [{ kind: "change" }, { kind: "remove" }],
      }),
    ];
  }
  const callers = allowFrom.map(({ serviceAccount, namespace }) => ({
    account: knownValue(serviceAccount),
    namespace: knownValue(namespace),
  }));
  return callers.flatMap(({ account, namespace }, index) => {
    const path = ["allowFrom", index];
    const issues: ValidationIssue[] = [];
    if (account !== undefined && !isDnsSubdomain(account)) {
      const reason = "must be the name of a ServiceAccount, without its namespace";
      issues.push(at([...path, "serviceAccount"], { reason, got: formatValue(account) }));
    }
    if (namespace !== undefined && !isDnsLabel(namespace)) {
      const reason = "must be the name of a namespace";
      issues.push(at([...path, "namespace"], { reason, got: formatValue(namespace) }));
    }
    const isSame = (other: (typeof callers)[number]) =>
      account !== undefined && other.account === account && other.namespace === namespace;
    if (namespace !== undefined && callers.slice(0, index).some(isSame)) {
      const fixes = [{ kind: "remove" }] as const;
      issues.push(at(path, { reason: "must be listed once", got: `${namespace}/${account} twice`, fixes }));
    }
    return issues;
  });
}

function hostIssues({ host: given, allowFrom, user }: VizAccessSettings): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  const host = knownValue(given);
  if (host !== undefined && (!isDnsSubdomain(host) || ADDRESS.test(host))) {
    issues.push(
      at(["host"], {
        reason: "must be a host name in lower case, without scheme, port, path and wildcard",
        got: formatValue(host),
      }),
    );
  }
  if (given !== undefined && allowFrom === undefined) {
    issues.push(
      at(["allowFrom"], {
        reason: "must be set with vizAccess.host",
        because:
          "Without the ServiceAccount of the ingress controller, each of its requests would be denied with status 403",
        conflictsWith: ["vizAccess", "host"],
      }),
    );
  }
  if (user !== undefined && !USER.test(user)) {
    issues.push(
      at(["user"], {
        reason: 'must be 1 to 64 letters, digits, "-", "_" or "."',
        got: formatValue(user),
      }),
    );
  }
  return issues;
}

/** An Ingress and an HTTPRoute need a host, and one of them is enough. */
function routeIssues({ host, ingress, gateway, auth, insecure, user }: VizAccessSettings): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  if (ingress && gateway) {
    issues.push(
      at(["gateway"], {
        reason: "must not be set with vizAccess.ingress",
        because: "One route to the dashboard is enough",
        conflictsWith: ["vizAccess", "ingress"],
        fixes: [{ kind: "remove" }],
      }),
    );
  }
  if (host !== undefined) return issues;
  for (const [field, value] of Object.entries({ ingress, gateway, auth, insecure, user })) {
    if (value === undefined) continue;
    issues.push(
      at([field], {
        reason: "must not be set without vizAccess.host",
        because: "Without a host, there is no route to the dashboard from outside the cluster",
        fixes: [{ kind: "remove" }, { kind: "instruction", text: "set vizAccess.host" }],
      }),
    );
  }
  return issues;
}

/** Nobody gets a dashboard without a password by leaving something out. */
function authIssues(access: VizAccessSettings): ValidationIssue[] {
  const { host, ingress, auth, user } = access;
  if (host === undefined) return [];
  const controller = ingress && findController(ingress.controller);
  if (!controller && vizAuth(access) !== "external") {
    return [
      at(["auth"], {
        reason: 'must be "external"',
        got: formatValue(auth),
        because: ingress
          ? "Basic authentication of this controller is not known, so something else must authenticate people"
          : "Only an Ingress of a known controller has basic authentication, so something else must authenticate people",
        fixes: [{ kind: "set", path: ["vizAccess", "auth"], value: "external" }],
      }),
    ];
  }
  if (user === undefined || vizAuth(access) === "basic") return [];
  return [
    at(["user"], {
      reason: 'must not be set with vizAccess.auth "external"',
      because: "Someone else manages the users",
      conflictsWith: ["vizAccess", "auth"],
      fixes: [{ kind: "remove" }],
    }),
  ];
}

function tlsIssues({ ingress, insecure = false }: VizAccessSettings): ValidationIssue[] {
  if (!ingress) return [];
  const { tlsSecret: given } = ingress;
  if (given === undefined && !insecure) {
    return [
      at(["ingress", "tlsSecret"], {
        reason: "must be the name of a TLS Secret in viz's namespace",
        because: "Without TLS, everyone on the way can read the password and the dashboard",
        fixes: [{ kind: "change" }, { kind: "set", path: ["vizAccess", "insecure"], value: true }],
      }),
    ];
  }
  if (given !== undefined && insecure) {
    return [
      at(["insecure"], {
        reason: "must not be true with vizAccess.ingress.tlsSecret",
        conflictsWith: ["vizAccess", "ingress", "tlsSecret"],
        fixes: [{ kind: "remove" }],
      }),
    ];
  }
  const secret = knownValue(given);
  if (secret === undefined || isDnsSubdomain(secret)) return [];
  return [at(["ingress", "tlsSecret"], { reason: "must be the name of a Secret", got: formatValue(secret) })];
}

/** Annotations that this library sets, or that break the dashboard. */
function annotationIssues(
  { controller: name, annotations = {}, tlsSecret }: VizIngress,
  isBasic: boolean,
): ValidationIssue[] {
  const controller = findController(name);
  const owned = {
    ...controller?.always,
    ...(isBasic && controller?.authenticate("", "")),
    ...(tlsSecret !== undefined && controller?.requireTls),
  };
  return Object.keys(annotations).flatMap((annotation) => {
    const path = ["ingress", "annotations", annotation];
    const fixes = [{ kind: "remove" }] as const;
    if (HOST_REWRITES.includes(annotation)) {
      const because = "With another Host than the browser's, tap answers 403";
      return [at(path, { reason: "must not be set", because, fixes })];
    }
    if (!Object.hasOwn(owned, annotation)) return [];
    const because = "The settings of vizAccess decide this annotation";
    return [at(path, { reason: "must not be set", because, fixes })];
  });
}

function gatewayIssues({ parentRefs, filters = [] }: VizGateway): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  if (parentRefs.length === 0) {
    issues.push(
      at(["gateway", "parentRefs"], {
        reason: "must be a list with at least one Gateway",
        got: "an empty list",
      }),
    );
  }
  for (const [index, filter] of filters.entries()) {
    const rewrite = knownValue(filter.urlRewrite) as { hostname?: unknown } | undefined;
    if (rewrite?.hostname === undefined) continue;
    issues.push(
      at(["gateway", "filters", index, "urlRewrite", "hostname"], {
        reason: "must not be set",
        because: "With another Host than the browser's, tap answers 403",
        fixes: [{ kind: "remove" }],
      }),
    );
  }
  return issues;
}
