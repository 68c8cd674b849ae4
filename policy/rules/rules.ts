/** All rules of the policy pack. docs/pull-requests.md describes them. */
import type { Rule } from "./rule.ts";

export const RULES: readonly Rule[] = [];
