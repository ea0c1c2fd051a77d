import { carryApprovals, type ServerMemory } from "../claude/approvals.ts";
import { configDirOf } from "../claude/launch.ts";
import type { SeenServers } from "../claude/mcp-servers.ts";
import { clientStateFile, preAcceptTrust } from "../claude/trust.ts";
import type { Config, SlotConfig } from "../config/config.ts";
import { slotNamed } from "../config/slots.ts";
import { SHARED_SLOT } from "../policy/slot.ts";
import { wantedSessions } from "../sessions/wanted.ts";
import { serversKey } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import type { SettledSlot } from "./slot-at-start.ts";

export interface ClientStatesOptions {
  readonly config: Config;
  /** HOME, absolute. */
  readonly home: string;
  readonly platform: string;
  readonly store: Pick<Store, "meta">;
}

/**
 * Answers the trust dialog of every configured folder in each state file that a client may read.
 * Throws CF_CLIENT_STATE.
 */
export async function trustFolders(options: ClientStatesOptions): Promise<void> {
  const { accounts, slots } = options.config;
  const folders = new Map<string, string[]>();
  for (const slot of slots)
    for (const { home } of accounts) {
      const file = stateFile(slot, home, options);
      folders.set(file, [...(folders.get(file) ?? []), ...foldersOf(slot.name, options.config)]);
    }
  for (const [file, all] of folders) await preAcceptTrust(file, all);
}

/**
 * Brings what clients of the slot were told in one home into another. Nothing where both read one
 * file. Throws CF_CLIENT_STATE.
 */
export async function bringApprovals(
  name: string,
  { fromHome, toHome }: { readonly fromHome: string; readonly toHome: string },
  options: ClientStatesOptions,
): Promise<void> {
  const slot = slotNamed(options.config, name);
  const [from, to] = [stateFile(slot, fromHome, options), stateFile(slot, toHome, options)];
  await carryApprovals({ from, to }, foldersOf(name, options.config), memoryIn(options));
}

/**
 * At start: a slot of its own that was just made knows what the shared one's clients were told, and
 * every other home what was told in the one that a slot leads to. Throws CF_CLIENT_STATE.
 */
export async function keepInStep(
  [shared, ...own]: readonly [SettledSlot, ...SettledSlot[]],
  options: ClientStatesOptions,
): Promise<void> {
  const { config } = options;
  const memory = memoryIn(options);
  for (const { name, account, isNew } of own) {
    const slot = slotNamed(config, name);
    const there = stateFile(slot, account.home, options);
    const folders = foldersOf(name, config);
    if (isNew) {
      const from = stateFile(config.slots[0], shared.account.home, options);
      await carryApprovals({ from, to: there }, folders, memory);
    }
    for (const { home } of config.accounts)
      await carryApprovals({ from: there, to: stateFile(slot, home, options) }, folders, memory);
  }
}

function memoryIn({ store: { meta } }: ClientStatesOptions): ServerMemory {
  return {
    get: (file) => JSON.parse(meta.get(serversKey(file)) ?? "null") as SeenServers | null,
    set: (file, seen) => {
      const [key, text] = [serversKey(file), JSON.stringify(seen)];
      if (meta.get(key) !== text) meta.set(key, text);
    },
  };
}

/** Of the default slot there is one file in HOME; else every home has its own (client facts 3). */
function stateFile(
  slot: Pick<SlotConfig, "path">,
  accountHome: string,
  { home, platform }: ClientStatesOptions,
): string {
  const configDir = configDirOf({ platform, slot: slot.path, accountHome });
  return clientStateFile({ home, slot: configDir, accountHome });
}

/** The folders that clients of the slot are started in. */
function foldersOf(slot: string, config: Config): string[] {
  const own = wantedSessions(config).filter((session) => session.slot === slot);
  const { pool } = config.sessions;
  const shared = [
    ...(pool === null ? [] : [pool.cwd]),
    ...config.dispatch.projects.map((project) => project.path),
  ];
  return [...own.map((session) => session.cwd), ...(slot === SHARED_SLOT ? shared : [])];
}
