/** Linkerd's policy resources that let a Prometheus scrape the proxies of a namespace. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { isDnsLabel, isDnsSubdomain } from "../inputs/kubernetes-names.ts";
import type { TextReader } from "../inputs/readers.ts";
import { formatValue, type IssueCollector } from "../inputs/validation.ts";
import type { WorkloadIdentity } from "../inputs/workload-identity.ts";
import {
  authorizationPolicy,
  DELETE_AT_ONCE,
  meshTlsAuthentication,
  POLICY_GROUP,
} from "./policy-objects.ts";

/** The resources of {@link createScrapePolicies}. */
export interface ScrapePolicies {
  /** The identities that may scrape. */
  readonly meshTlsAuthentication: k8s.apiextensions.CustomResource;
  readonly authorizationPolicy: k8s.apiextensions.CustomResource;
  /** Selects the admin port of every proxy in the namespace. */
  readonly server: k8s.apiextensions.CustomResource;
}

/** The name of the resources. It differs from the names of `linkerd viz allow-scrapes`, whose resources can exist beside these. */
const NAME = "linkerd-mesh-scrapes";

/**
 * Lets only `scrapers` call the admin port of the proxies in a namespace, 4191, whatever its default policy is. The probes of the
 * kubelet stay allowed: Linkerd exempts the probes that a pod declares, for a Server without routes of its own
 * (linkerd2, policy-controller, inbound/index.rs). `linkerd viz allow-scrapes` has such routes, and has to allow the probes with them.
 *
 * The port is selected by its name, also in native sidecars. As a Server without a policy denies all callers, the policy is created
 * before it and deleted after it.
 */
export function createScrapePolicies(
  name: string,
  namespace: pulumi.Input<string>,
  scrapers: readonly WorkloadIdentity[],
  opts: pulumi.CustomResourceOptions,
): ScrapePolicies {
  const { CustomResource } = k8s.apiextensions;
  const metadata = { name: NAME, namespace, annotations: DELETE_AT_ONCE };
  const authentication = new CustomResource(
    `${name}-scrapers`,
    meshTlsAuthentication(metadata, scrapers),
    opts,
  );
  const policy = new CustomResource(
    `${name}-scrapes`,
    authorizationPolicy(metadata, NAME, authentication.metadata.name),
    opts,
  );
  const server = new CustomResource(
    `${name}-scraped-proxies`,
    {
      apiVersion: `${POLICY_GROUP}/v1beta3`,
      kind: "Server",
      metadata,
      spec: {
        podSelector: { matchExpressions: [{ key: "linkerd.io/control-plane-ns", operator: "Exists" }] },
        port: "linkerd-admin",
        proxyProtocol: "HTTP/1",
      },
    },
    pulumi.mergeOptions(opts, { dependsOn: policy }),
  );
  return { meshTlsAuthentication: authentication, authorizationPolicy: policy, server };
}

const nameOf =
  (isName: (text: string) => boolean, what: string): TextReader =>
  (value, reject) =>
    typeof value === "string" && isName(value)
      ? value
      : reject({ reason: `must be the name of a ${what}`, got: formatValue(value) });

const READERS: Readonly<Record<keyof WorkloadIdentity, TextReader>> = {
  serviceAccount: nameOf(isDnsSubdomain, "ServiceAccount"),
  namespace: nameOf(isDnsLabel, "namespace"),
};

/**
 * Returns the identities, with those that are Outputs checked when they resolve. Adds an issue for each invalid one, and for a list
 * without one.
 */
export function readScrapers(
  path: readonly string[],
  scrapers: readonly WorkloadIdentity[],
  issues: IssueCollector,
): WorkloadIdentity[] {
  if (!Array.isArray(scrapers) || scrapers.length === 0) {
    issues.add({
      path,
      reason: 'must be a list with at least one ServiceAccount, e.g. [{ serviceAccount: "prometheus" }]',
      got: formatValue(scrapers),
      fixes: [{ kind: "remove" }],
    });
    return [];
  }
  return scrapers.map((scraper: WorkloadIdentity, index) => {
    const at = [...path, index];
    const read = (field: keyof WorkloadIdentity) =>
      issues.read([...at, field], scraper[field], READERS[field]) as pulumi.Input<string>;
    issues.addUnknownKeys(at, scraper, Object.keys(READERS));
    const serviceAccount = read("serviceAccount");
    return scraper.namespace === undefined
      ? { serviceAccount }
      : { serviceAccount, namespace: read("namespace") };
  });
}
