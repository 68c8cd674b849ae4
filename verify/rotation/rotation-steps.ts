/** The settings of the three steps of a rotation. docs/rotation.md describes them for operators. */

/** A generation in the setting `certificates.trustAnchors`. */
type Generation =
  | number
  | { readonly generation: number; readonly validityYears?: number; readonly algorithm?: string };

/** One step: settings, then an `up`. */
export interface RotationStep {
  readonly name: "trust" | "sign" | "retire";
  /** One sentence for the operator. */
  readonly title: string;
  /** Arguments of `pulumi config`, one list for each command. */
  readonly configCommands: readonly (readonly string[])[];
}

export interface RotationSteps {
  /** The generation that signs now, and the one that replaces it. */
  readonly from: number;
  readonly to: number;
  readonly steps: readonly [RotationStep, RotationStep, RotationStep];
}

/** Why the settings of the stack cannot be rotated: `skip` in another mode, else an issue. */
export interface NoRotation {
  readonly kind: "skip" | "issue";
  readonly reason: string;
}

const GUIDE = "complete or revert the rotation by docs/rotation.md, then run this command again";

/** Plans a rotation from the setting `certificates`, `undefined` if it is not set, to the following generation. */
export function planRotation(certificates: unknown): RotationSteps | NoRotation {
  const {
    mode = "generated",
    trustAnchors = [1],
    issuingAnchor,
    acceptTrustAnchorOutage,
  } = (certificates ?? {}) as {
    mode?: string;
    trustAnchors?: Generation[];
    issuingAnchor?: number;
    acceptTrustAnchorOutage?: boolean;
  };
  if (mode !== "generated") {
    return {
      kind: "skip",
      reason: `the mode of the certificates is ${mode}; only generated ones are rotated here`,
    };
  }
  if (acceptTrustAnchorOutage) {
    const reason =
      "certificates.acceptTrustAnchorOutage: must not be true, got true. It turns off the checks of each step. Fix: pulumi config rm --path certificates.acceptTrustAnchorOutage";
    return { kind: "issue", reason };
  }
  const [current, ...others] = trustAnchors;
  if (current === undefined || others.length > 0) {
    const got = trustAnchors.map(numberOf).join(", ");
    const reason = `certificates.trustAnchors: must have one generation, got ${got}. A rotation has begun. Fix: ${GUIDE}`;
    return { kind: "issue", reason };
  }
  const from = numberOf(current);
  if (issuingAnchor !== undefined && issuingAnchor !== from) {
    const reason = `certificates.issuingAnchor: must be the generation in trustAnchors (${from}), got ${issuingAnchor}. Fix: ${GUIDE}`;
    return { kind: "issue", reason };
  }
  const to = from + 1;
  return {
    from,
    to,
    steps: [
      {
        name: "trust",
        title: `Trust the anchor of generation ${to} in addition to that of generation ${from}`,
        configCommands: [
          ...setGeneration(0, current),
          ...setGeneration(1, typeof current === "number" ? to : { ...current, generation: to }),
          set("issuingAnchor", from),
        ],
      },
      {
        name: "sign",
        title: `Sign with the issuer of generation ${to}`,
        configCommands: [set("issuingAnchor", to)],
      },
      {
        name: "retire",
        title: `Retire the anchor of generation ${from}`,
        configCommands: [["rm", "--path", "certificates.trustAnchors[0]"]],
      },
    ],
  };
}

const numberOf = (anchor: Generation) => (typeof anchor === "number" ? anchor : anchor.generation);

const set = (path: string, value: string | number) => [
  "set",
  "--path",
  `certificates.${path}`,
  String(value),
];

/** Sets an entry of the list. A generation with properties of its own keeps them, and so does the one after it. */
function setGeneration(index: number, anchor: Generation): string[][] {
  const path = `trustAnchors[${index}]`;
  if (typeof anchor === "number") return [set(path, anchor)];
  return Object.entries(anchor).map(([field, value]) => set(`${path}.${field}`, value));
}
