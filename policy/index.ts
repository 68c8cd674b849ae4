/** `pulumi preview --policy-pack policy`: the rules as a policy pack of Pulumi. */
import { PolicyPack } from "@pulumi/policy";
import { toPolicy } from "./pack/to-policy.ts";
import { RULES } from "./rules/rules.ts";

new PolicyPack("linkerd-mesh", { policies: RULES.map(toPolicy) });
