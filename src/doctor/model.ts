import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { Env, Places } from "../config/places.ts";
import type { Store } from "../store/store.ts";
import type { DaemonLook } from "./look-for-daemon.ts";

/** `unknown` is what could not be looked at: it is never read as healthy. */
export type Level = "ok" | "warn" | "bad" | "unknown";

/** Every check by its stable code, and the area it is shown under. */
export const CHECK_AREAS = {
  config: "configuration",
  daemon: "daemon",
  store: "daemon",
  journal: "daemon",
  clock: "daemon",
  stateModes: "daemon",
  diskSpace: "daemon",
  slot: "slot",
  slotHops: "slot",
  slotRecord: "slot",
  login: "accounts",
  credentialTimes: "accounts",
  sharedLinks: "accounts",
  sharedHops: "accounts",
  homeModes: "accounts",
  foreignWrites: "accounts",
  clientLocks: "accounts",
  client: "client",
  retention: "client",
  oneDriver: "client",
  hooks: "client",
  tmux: "tmux",
  tmuxEnvironment: "tmux",
  transcripts: "conversations",
  adoptions: "leftovers",
  strayLinks: "leftovers",
  pasteFiles: "leftovers",
  spool: "leftovers",
} as const;

export type CheckCode = keyof typeof CHECK_AREAS;

/** One thing a check found. A check that finds nothing wrong says so with one `ok`. */
export interface Finding {
  readonly code: CheckCode;
  readonly level: Level;
  /** One sentence: what is there. */
  readonly text: string;
  /** What to do about it; empty where there is nothing to do. */
  readonly hint: string;
}

/** Why something cannot be read, and what to do. */
export interface Trouble {
  readonly message: string;
  readonly hint: string;
}

/** What every check may look at; opened once. Nothing of it is written. */
export interface BareScene {
  /** Null where it cannot be read. */
  readonly config: Config | null;
  readonly configProblem: Trouble | null;
  readonly places: Places;
  readonly env: Env;
  /** HOME, absolute. */
  readonly home: string;
  readonly uid: number;
  readonly clock: Clock;
  readonly daemon: DaemonLook;
  /** The state as it lies there; null where there is none, or none that can be read. */
  readonly store: Store | null;
  /** Why it cannot be read. */
  readonly storeProblem: Trouble | null;
  /** Where an administrator's settings of the client lie. */
  readonly managedDir: string;
}

/** A scene with a configuration that was read. */
export interface Scene extends BareScene {
  readonly config: Config;
}

/** One check, in a file of its own. `look` changes nothing. */
export interface Check<S> {
  readonly code: CheckCode;
  readonly look: (scene: S) => readonly Finding[] | Promise<readonly Finding[]>;
  /**
   * Mends what cannot lose data, and says what it did, one sentence each. Called only when the look
   * found something that is not `ok`.
   */
  readonly fix?: (scene: S) => readonly string[] | Promise<readonly string[]>;
}

/** Makes the findings of one check. */
export function findingsOf(code: CheckCode) {
  return {
    ok: (text: string): Finding => ({ code, level: "ok", text, hint: "" }),
    warn: (text: string, hint: string): Finding => ({ code, level: "warn", text, hint }),
    bad: (text: string, hint: string): Finding => ({ code, level: "bad", text, hint }),
    unknown: (text: string, hint = ""): Finding => ({ code, level: "unknown", text, hint }),
  };
}
