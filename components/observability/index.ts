/** Dashboards, rules, and the series that they need. */
export { applicationsDashboard } from "./dashboards/applications/applications.ts";
export { allDashboards, formatDashboard } from "./dashboards/dashboards.ts";
export { meshHealthDashboard } from "./dashboards/mesh-health/mesh-health.ts";
export { vizDashboards } from "./dashboards/viz-links.ts";
export type { RuleOptions } from "./rules/rule-options.ts";
export { rules } from "./rules/rules.ts";
export { DISCOVERY_RULES, METRICS_RULES } from "./scraping/api-server.ts";
export { CONTROL_PLANE_SCRAPED_SINCE } from "./scraping/controllers.ts";
export { scrapeConfig, vizMetricRelabelConfigs, vizScrapeConfigs } from "./scraping/scrape-config.ts";
export { keepRelabelConfigs, keptMetrics, type MetricRelabelConfig } from "./series/keep-list.ts";
