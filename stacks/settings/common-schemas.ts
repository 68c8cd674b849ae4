/** Shapes that the settings have in common. */
import { z } from "zod";

export const flag = z.boolean("expected true or false");

// RFC 1123: what Kubernetes takes for a namespace, and each label of a domain.
const LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
const IS_LABEL = 'expected a DNS label: lower-case letters, digits and "-", at most 63';

export const dnsLabel = z.string(IS_LABEL).regex(new RegExp(`^${LABEL}$`), IS_LABEL);
export const dnsDomain = z
  .string()
  .max(253, "expected a DNS domain, at most 253 characters")
  .regex(new RegExp(`^${LABEL}(\\.${LABEL})*$`), 'expected a DNS domain, e.g. "cluster.local"');

/** An object with these keys and no others. */
export const object = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === "invalid_type" ? "expected an object" : undefined),
  });
