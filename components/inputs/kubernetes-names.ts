/** Names of Kubernetes: of objects, labels and annotations (Kubernetes docs, "Object Names and IDs", "Labels and Selectors"). */

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_TEXT = /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;

/** Whether a text is a DNS label, as the name of a namespace must be. */
export function isDnsLabel(text: string): boolean {
  return DNS_LABEL.test(text);
}

/** Whether a text is a DNS subdomain, as the name of most objects must be. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && text.split(".").every(isDnsLabel);
}

/** Whether a text is the key of a label or an annotation: a name, with the prefix of a domain or without. */
export function isLabelKey(text: string): boolean {
  const [name = "", prefix, ...rest] = text.split("/").reverse();
  return rest.length === 0 && LABEL_TEXT.test(name) && (prefix === undefined || isDnsSubdomain(prefix));
}

/** Whether a text is the value of a label. It may be empty. */
export function isLabelValue(text: string): boolean {
  return text === "" || LABEL_TEXT.test(text);
}
