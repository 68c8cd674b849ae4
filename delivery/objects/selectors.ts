/** Label selectors of Kubernetes. */
import type { Json } from "./kubernetes-object.ts";
import { isFields } from "./list-keys.ts";

type Labels = Readonly<Record<string, Json | undefined>>;

/**
 * Whether a selector selects these labels, as `LabelSelectorAsSelector` of k8s.io/apimachinery does: an empty selector
 * selects everything, and a missing one nothing.
 */
export function selectsLabels(selector: unknown, labels: Labels): boolean {
  if (!isFields(selector)) return false;
  const { matchLabels, matchExpressions } = selector;
  const pairs = isFields(matchLabels) ? Object.entries(matchLabels) : [];
  const expressions = Array.isArray(matchExpressions) ? matchExpressions : [];
  return (
    pairs.every(([key, value]) => labels[key] === value) &&
    expressions.every((expression) => matchesExpression(expression, labels))
  );
}

function matchesExpression(expression: Json, labels: Labels): boolean {
  if (!isFields(expression)) return false;
  const { key, operator, values } = expression;
  const value = labels[String(key)];
  const isListed = Array.isArray(values) && value !== undefined && values.includes(value);
  switch (operator) {
    case "In":
      return isListed;
    case "NotIn":
      return !isListed;
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}
