/** The relabeling of the keep list, as Prometheus applies it. */
import { keepRelabelConfigs } from "../../../components/observability/series/keep-list.ts";
import type { Series } from "./history.ts";

/** Whether Prometheus keeps a series with the relabeling of the keep list. */
export function isKept({ name, labels }: Pick<Series, "name" | "labels">): boolean {
  return STEPS.every(({ sources, pattern, action }) => {
    const text = sources.map((label) => (label === "__name__" ? name : (labels[label] ?? ""))).join(";");
    return pattern.test(text) === (action === "keep");
  });
}

const STEPS = keepRelabelConfigs().map(({ source_labels, regex, action }) => ({
  sources: source_labels,
  pattern: new RegExp(`^(?:${regex})$`),
  action,
}));
