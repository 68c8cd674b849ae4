/** Links from the viz dashboard to Grafana. */
import type * as pulumi from "@pulumi/pulumi";
import type { ChartValues } from "../../../inputs/merge.ts";
import type { ValidationIssue } from "../../../inputs/validation.ts";
import { at, ineffectiveIssues, isHostWithPort, textIssues, urlIssues, withoutViz } from "./checks.ts";

/** The Grafana that the viz dashboard links to: either `url` or `externalUrl`. */
export interface GrafanaOptions {
  /**
   * `<host>:<port>` of a Grafana in the cluster, e.g. `grafana.monitoring:3000`. The viz dashboard passes requests on to
   * it, so it must serve from the sub-path `/grafana`.
   * @default none
   */
  url?: pulumi.Input<string> | undefined;
  /** URL of a Grafana that browsers reach by themselves, e.g. `https://grafana.example.com/`. @default none */
  externalUrl?: pulumi.Input<string> | undefined;
  /**
   * Prefix of the UIDs of the dashboards that viz links to. With `externalUrl` only. Plain, because it is part of the
   * dashboards.
   * @default none
   */
  uidPrefix?: string | undefined;
}

const PATH = at("grafana");

/** Grafana accepts UIDs of at most 40 characters (grafana, pkg/util/shortid_generator.go). */
const MAX_UID = 40;
const LONGEST_PREFIX = MAX_UID - "linkerd-statefulset".length;

/** Issues with the links to Grafana. */
export function grafanaIssues(options: GrafanaOptions, viz: boolean): ValidationIssue[] {
  if (!viz) return [withoutViz(PATH)];
  const { url, externalUrl } = options;
  return [
    ...(url === undefined && externalUrl === undefined ? [missingUrl()] : []),
    ...(url === undefined
      ? []
      : ineffectiveIssues(PATH, options, ["externalUrl"], "with monitoring.grafana.url", {
          because: "Grafana runs either in the cluster (url) or outside of it (externalUrl)",
          conflictsWith: [...PATH, "url"],
        })),
    ...(externalUrl === undefined
      ? ineffectiveIssues(PATH, options, ["uidPrefix"], "without monitoring.grafana.externalUrl", {
          because: "viz adds the prefix only to links of an external Grafana",
          conflictsWith: PATH,
        })
      : []),
    ...textIssues(
      [...PATH, "url"],
      url,
      isHostWithPort,
      'a host and a port without a scheme, e.g. "grafana.monitoring:3000"',
      { because: "viz connects to it with http" },
    ),
    ...urlIssues(
      [...PATH, "externalUrl"],
      externalUrl,
      "https://grafana.example.com",
      "remove both from the URL: Grafana has a login of its own",
    ),
    ...textIssues(
      [...PATH, "uidPrefix"],
      options.uidPrefix,
      (text) => /^[\w-]+$/.test(text) && text.length <= LONGEST_PREFIX,
      `1 to ${LONGEST_PREFIX} letters, digits, "-" and "_"`,
      { because: `Grafana accepts UIDs of at most ${MAX_UID} characters` },
    ),
  ];
}

function missingUrl(): ValidationIssue {
  return {
    path: [...PATH, "externalUrl"],
    reason: "must be set unless monitoring.grafana.url is",
    got: "nothing",
    because: "The viz dashboard links to one of them",
  };
}

/** The chart's `grafana`. */
export function grafanaValues({ url, externalUrl, uidPrefix }: GrafanaOptions = {}): ChartValues {
  return { url, externalUrl, uidPrefix };
}
