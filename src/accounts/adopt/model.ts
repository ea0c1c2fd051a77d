/** One private directory or file of a home that becomes a shared link. */
export interface AdoptPair {
  /** The account's name, or the last part of the home; names what is kept aside. */
  readonly label: string;
  readonly home: string;
  readonly link: string;
  readonly kind: "directory" | "file";
  /** Where it lies now and where the link will be: `<home>/<link>`. */
  readonly path: string;
  readonly target: string;
}

/** A slot that is still a directory becomes an account's home, with a link in its place. */
export interface SlotMove {
  readonly slot: string;
  readonly home: string;
  /** An empty directory was in the home's place. */
  readonly hadEmptyHome: boolean;
}

export type AdoptProblemCode =
  | "nothingToAdopt"
  | "homeUnusable"
  | "slotAndHome"
  | "slotOtherDevice"
  | "slotRelativeLink"
  | "linkElsewhere"
  | "targetUnusable"
  | "mountPoint"
  | "unreadable"
  | "noSpace"
  | "inUse"
  | "changed"
  | "unfinished";

/** Why a home cannot be adopted. Nothing was touched because of it. */
export interface AdoptProblem {
  readonly code: AdoptProblemCode;
  readonly path: string;
  /** One or two sentences: what is in the way, and what to do. */
  readonly text: string;
}

/** What would happen to one pair. */
export interface PairCount {
  readonly pair: AdoptPair;
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
  /** Files that come into the shared tree under their own name. */
  readonly place: number;
  /** Files whose content is there already, also as the beginning of a longer one. */
  readonly present: number;
  /** Files that continue a shorter one that is there. */
  readonly longer: number;
  /** Entries that differ from what is there and are kept beside it. */
  readonly conflicts: number;
  /** The first of them, `<link>/<path>`. */
  readonly conflictPaths: readonly string[];
  /** Sockets, pipes and devices. */
  readonly left: number;
  /** Hard links cost no space; copies do. */
  readonly way: "link" | "copy";
  /** Bytes that must be copied. */
  readonly copyBytes: number;
}

/** Everything `--dry-run` prints. */
export interface AdoptPlan {
  readonly root: string;
  readonly slotMove: SlotMove | null;
  readonly pairs: readonly AdoptPair[];
  readonly counts: readonly PairCount[];
  readonly problems: readonly AdoptProblem[];
}

/** How far an adoption, an undo or a count is. */
export interface AdoptProgress {
  readonly phase: "counting" | "joining" | "checking" | "undoing" | "deleting";
  /** Entries looked at. */
  readonly done: number;
  /** Entries in all; 0 while they are being counted. */
  readonly total: number;
  /** Bytes of the files looked at. */
  readonly bytes: number;
}

export type OnProgress = (progress: AdoptProgress) => void;

/** The first of many, for a list that must not grow with the tree. */
export const LISTED = 1000;
