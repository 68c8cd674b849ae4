/** All rules of the policy pack. docs/policies.md describes them. */
import { certificateChains } from "./certificates/certificate-chains.ts";
import { certificateKeys } from "./certificates/certificate-keys.ts";
import { certificateRoles } from "./certificates/certificate-roles.ts";
import { certificateValidity } from "./certificates/certificate-validity.ts";
import { remainingValidity } from "./certificates/remaining-validity.ts";
import { keysInSecrets } from "./keys-in-secrets.ts";
import { pinnedCharts } from "./pinned-charts.ts";
import type { Rule } from "./rule.ts";
import { injectableWorkloads } from "./workloads/injectable-workloads.ts";
import { mailPorts } from "./workloads/mail-ports.ts";
import { meshedNamespaces } from "./workloads/meshed-namespaces.ts";

export const RULES: readonly Rule[] = [
  keysInSecrets,
  pinnedCharts,
  certificateKeys,
  certificateRoles,
  certificateValidity,
  certificateChains,
  remainingValidity,
  injectableWorkloads,
  meshedNamespaces,
  mailPorts,
];
