/** The envelope of a dashboard. */
import { place, type Section } from "./layout.ts";
import type { Dashboard, Link, Variable } from "./sdk-types.ts";

/** The UIDs of the two dashboards. Links of users depend on them, so they do not change. */
export const UIDS = { applications: "linkerd-applications", meshHealth: "linkerd-mesh-health" } as const;

/** The variable part of a dashboard. */
export interface DashboardOptions {
  uid: string;
  title: string;
  description: string;
  variables: readonly Variable[];
  links: readonly Link[];
  sections: readonly Section[];
}

/** A link to another dashboard that keeps the time range and the variables. */
export function linkTo(uid: string, title: string): Link {
  return {
    type: "link",
    title,
    url: `/d/${uid}`,
    tooltip: "",
    icon: "dashboard",
    tags: [],
    asDropdown: false,
    targetBlank: false,
    includeVars: true,
    keepTime: true,
  };
}

/** The JSON of a dashboard. Schema 42 is the last one before Grafana's new format, and current versions import it. */
export function dashboard({
  uid,
  title,
  description,
  variables,
  links,
  sections,
}: DashboardOptions): Dashboard {
  return {
    uid,
    title,
    description,
    tags: ["linkerd"],
    schemaVersion: 42,
    editable: false,
    graphTooltip: 1,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    timezone: "browser",
    annotations: { list: [] },
    links,
    templating: { list: variables },
    panels: place(sections),
  };
}
