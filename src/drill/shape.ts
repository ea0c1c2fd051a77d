import { basename, join } from "node:path";
import type { Config } from "../config/config.ts";

/** What a rehearsal takes over from an operator's configuration. Nothing of it leads out of the sandbox. */
export interface Shape {
  /** The slot's name in the sandbox's HOME. */
  readonly slotName: string;
  readonly links: readonly string[];
  readonly nudge: string;
  readonly accounts: number;
  readonly sessions: number;
}

/** What the client's own list of sessions needs to survive a flip (client facts 6) is shared as well. */
export const DEFAULT_SHAPE: Shape = {
  slotName: ".claude",
  links: ["session-env", "file-history", "projects", "sessions"],
  nudge: "continue",
  accounts: 2,
  sessions: 3,
};

const MOST_ACCOUNTS = 6;

/** The shape of a configuration; `home` is the operator's. Pure. */
export function shapeOf(config: Config, home: string): Shape {
  const { slot, shared, sessions, accounts } = config;
  const count = sessions.dedicated.length + (sessions.pool?.min ?? 0);
  return {
    slotName: slot === join(home, ".claude") ? ".claude" : basename(slot),
    links: shared.links,
    nudge: sessions.nudge,
    accounts: Math.min(Math.max(2, accounts.length), MOST_ACCOUNTS),
    sessions: Math.max(1, count),
  };
}
