import type { Identity } from "../accounts/identity-answer.ts";

/** A program that is needed: there, with what it says of itself, or not. */
export type Tool =
  | { readonly kind: "there"; readonly command: string; readonly version: string | null }
  | { readonly kind: "missing"; readonly message: string; readonly hint: string };

/** A folder that a client has used as its config directory, or may. */
export interface FoundHome {
  readonly path: string;
  /** It is what the slot is, or leads to. */
  readonly inSlot: boolean;
  /** Whether a login is there, by `lstat` alone. */
  readonly loggedIn: boolean;
  /** What the client says of it. */
  readonly who: Identity;
  /** Entries that every account must share and that lie in it as its own. */
  readonly private: readonly string[];
  /** Links that an uninstall left leading into the plain folder, and where they belong. */
  readonly stale: readonly { readonly path: string; readonly to: string }[];
}

/** What is there before anything is set up. */
export interface Surroundings {
  /** HOME, absolute. */
  readonly home: string;
  readonly tmux: Tool;
  readonly client: Tool;
  /** Where sessions look for their config directory: `~/.claude`, or as configured. */
  readonly slot: {
    readonly path: string;
    readonly kind: "missing" | "directory" | "link" | "other";
    /** Where the link leads, absolute; null for none. */
    readonly to: string | null;
    /** The configured home that the folder there is; null for none, or where it cannot be told. */
    readonly becomes: string | null;
  };
  readonly homes: readonly FoundHome[];
  /** Processes that use one of the homes, a sentence each. */
  readonly users: readonly string[];
  /** The configuration, as far as there is one. */
  readonly config: {
    readonly file: string;
    readonly text: string | null;
    readonly accounts: readonly { readonly name: string; readonly home: string }[];
  };
  readonly daemonRuns: boolean;
}

export type Mode = "auto" | "confirm" | "notify";

/** What the operator wants; asked for, or given as options. */
export interface Wishes {
  readonly mode: Mode;
  /** The homes that become accounts; null for those with a login and the one in the slot. */
  readonly homes: readonly string[] | null;
  /** Names by home, instead of the ones that are proposed. */
  readonly names: Readonly<Record<string, string>>;
  /** The name of an account that has no home yet; null for none. */
  readonly add: string | null;
  /** The folder of a session of their own; null for none. */
  readonly session: string | null;
  /** Whether private homes become shared now, if nothing is in the way. */
  readonly adopt: boolean;
  readonly service: boolean;
}

export interface ProposedAccount {
  readonly name: string;
  readonly home: string;
  /** The slot, whose folder becomes this home; null where nothing is moved. */
  readonly from: string | null;
  /** Null where the client does not say. */
  readonly email: string | null;
  readonly loggedIn: boolean;
}

/** One thing that will be done, in this order; nothing else is touched. */
export type Change =
  | { readonly do: "makeDirectory"; readonly path: string; readonly text: string }
  | {
      readonly do: "writeConfig";
      readonly path: string;
      readonly content: string;
      /** The file that is there now is kept under another name. */
      readonly replaces: boolean;
      readonly text: string;
    }
  | { readonly do: "relink"; readonly path: string; readonly to: string; readonly text: string }
  | { readonly do: "adopt"; readonly text: string }
  | { readonly do: "installService"; readonly text: string };

export interface Proposal {
  readonly accounts: readonly ProposedAccount[];
  readonly changes: readonly Change[];
  /** What is to be done afterwards by the operator, a sentence each, with the command. */
  readonly next: readonly NextStep[];
  /** Why it cannot be done, a sentence each; nothing is changed then. */
  readonly problems: readonly { readonly text: string; readonly hint: string }[];
}

export interface NextStep {
  readonly text: string;
  readonly command: string;
}
