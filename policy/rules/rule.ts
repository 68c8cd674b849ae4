/** What a rule is, and what it finds. */
import type { ValidationIssue } from "../../components/inputs/validation.ts";
import type { CheckedResource } from "./checked-resource.ts";

/** `mandatory` refuses the deployment, `advisory` shows the finding. */
export type Enforcement = "advisory" | "mandatory";

/** A violation of a rule. */
export interface Finding {
  /** Name of the rule, e.g. `pinned-charts`. */
  readonly rule: string;
  readonly enforcement: Enforcement;
  /** {@link CheckedResource.id}: the URN, `<type> <name>` of a recorded resource, or `<kind> <namespace>/<name>`. */
  readonly resource: string;
  /** `<path>: must be …, got …. <Why>. Fix: …` It never quotes a secret. */
  readonly message: string;
}

/** Values that rules compare with. */
export interface RuleOptions {
  /** The time that certificates are compared with. @default now */
  readonly now?: Date | undefined;
  /** Days that a certificate must remain valid. @default 60 */
  readonly days?: number | undefined;
  /** Namespaces of meshed workloads, besides those that the resources show to be meshed. @default none */
  readonly namespaces?: readonly string[] | undefined;
}

/** Reports an issue with a resource. */
export type Report = (resource: CheckedResource, issue: ValidationIssue) => void;

/** A rule about resources. It is pure, and silent about values that are not known. */
export interface Rule {
  readonly name: string;
  /** What holds if no resource violates the rule: one sentence. */
  readonly description: string;
  readonly enforcement: Enforcement;
  /**
   * `resource`: a finding depends on one resource, so the engine refuses that resource before it is created.
   * `stack`: it depends on several resources, so the engine refuses a preview at its end.
   */
  readonly scope: "resource" | "stack";
  /** The fields of {@link RuleOptions} that an operator sets in the configuration of the policy pack. */
  readonly options?: readonly ("days" | "namespaces")[] | undefined;
  check(resources: readonly CheckedResource[], report: Report, options: RuleOptions): void;
}
