/** How a comparison is presented, which depends on what a stack is compared with. */

/** The words of a comparison, and what it folds. */
export interface View {
  /** How to read the differences: one line before the first section. @default none */
  readonly note?: string;
  /** Titles of sections. */
  readonly titles: {
    readonly irreversible: string;
    readonly restarts: string;
    readonly removed: string;
    readonly added: string;
    readonly changed: string;
  };
  /** What completes "2 workloads restart", such as " later". */
  readonly restart: string;
  /** What completes "2 objects". */
  readonly objects: { readonly removed: string; readonly added: string; readonly changed: string };
  /** Whether the Markdown folds the list of added objects. */
  readonly foldsAdded: boolean;
}

/** A change of the program: left is before, right is after. */
export const CHANGE: View = {
  titles: {
    irreversible: "Cannot be undone",
    restarts: "Restarts",
    removed: "Removed",
    added: "Added",
    changed: "Changed",
  },
  restart: "",
  objects: { removed: "removed", added: "added", changed: "changed" },
  foldsAdded: true,
};

/** Drift: left is what the cluster has, right is what it must have. Losses and restarts are those of restoring it. */
export const DRIFT: View = {
  note: "Left (-) is the cluster, right (+) is the program. To restore objects of the program, follow docs/recovery.md.",
  titles: {
    irreversible: "Cannot be undone when restored",
    restarts: "Restarts when restored",
    removed: "Only in the cluster",
    added: "Missing in the cluster",
    changed: "Differs from the program",
  },
  restart: " when restored",
  objects: { removed: "only in the cluster", added: "missing", changed: "different" },
  foldsAdded: false,
};
