import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isFree, slotOwnerFirst } from "../accounts/adopt/slot-owner.ts";
import { entryAt } from "../accounts/entry.ts";
import { findHomeUsers, userText } from "../accounts/home-users.ts";
import { credentialsPresent, readIdentity } from "../accounts/identity.ts";
import type { Identity } from "../accounts/identity-answer.ts";
import { DEFAULT_SHARED_LINKS, sharedTarget } from "../accounts/shared-targets.ts";
import { askVersion } from "../claude/client-version.ts";
import { findClient } from "../claude/find-client.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { configPlace, type Env } from "../config/places.ts";
import { readConfigFile } from "../config/read.ts";
import { asFailoverError, FailoverError } from "../errors.ts";
import { requireTmux } from "../tmux/probe.ts";
import { uninstalledHome } from "./journal.ts";
import type { FoundHome, Surroundings, Tool } from "./model.ts";

export interface LookOptions {
  readonly env: Env;
  /** HOME, absolute. */
  readonly home: string;
  readonly clock: Clock;
  /** What `--config` named. */
  readonly path: string | undefined;
  readonly stateDir: string;
  readonly daemonRuns: boolean;
}

/**
 * Looks at what is there: programs, homes and who they are, processes, the configuration. Changes
 * nothing. Throws what `loadConfig` throws about a configuration that is there and wrong.
 */
export async function lookAround(options: LookOptions): Promise<Surroundings> {
  const { env, home, daemonRuns } = options;
  const config = findConfig(options);
  const slot = slotAt(config.loaded?.slot ?? join(home, ".claude"), {
    accounts: config.loaded?.accounts ?? [],
    left: uninstalledHome(options.stateDir),
  });
  const [tmux, client] = await Promise.all([tmuxTool(env), clientTool(env, config.loaded)]);
  const paths = homePaths(home, slot, config.loaded);
  const command = client.kind === "there" ? client.command : null;
  const homes = await Promise.all(
    paths.map(async (path) =>
      homeAt(path, slot, { ...options, command, root: config.loaded?.shared.root ?? home }),
    ),
  );
  return {
    home,
    tmux,
    client,
    slot,
    homes,
    users: usersOf([slot.path, ...paths]),
    config: {
      file: config.file,
      text: config.text,
      accounts: (config.loaded?.accounts ?? []).map(({ name, home: path }) => ({
        name,
        home: path,
      })),
    },
    daemonRuns,
  };
}

function findConfig({ path, env, home }: LookOptions): {
  file: string;
  text: string | null;
  loaded: Config | null;
} {
  const place = configPlace({ path, env, home, cwd: process.cwd() });
  try {
    const read = readConfigFile(place);
    const loaded = loadConfig({ path, env, home });
    return { file: place.file, text: read.ok ? read.text : null, loaded };
  } catch (thrown) {
    if (thrown instanceof FailoverError && thrown.code === "CF_CONFIG_MISSING")
      return { file: place.file, text: null, loaded: null };
    throw thrown;
  }
}

function slotAt(
  path: string,
  { accounts, left }: { accounts: Config["accounts"]; left: string | null },
): Surroundings["slot"] {
  const entry = entryAt(path);
  switch (entry.kind) {
    case "missing":
      return { path, kind: "missing", to: null, becomes: null };
    case "directory": {
      const owner = slotOwnerFirst(accounts, left)[0]?.home ?? null;
      const becomes = owner !== null && isFree(owner) ? owner : null;
      return { path, kind: "directory", to: null, becomes };
    }
    case "link":
      return { path, kind: "link", to: resolve(dirname(path), entry.to), becomes: null };
    case "file":
    case "other":
    case "unreadable":
      return { path, kind: "other", to: null, becomes: null };
  }
}

async function tmuxTool(env: Env): Promise<Tool> {
  try {
    const { text } = await requireTmux("tmux", { PATH: env.PATH ?? "" });
    return { kind: "there", command: "tmux", version: text };
  } catch (thrown) {
    const { message, hint } = asFailoverError(thrown);
    return { kind: "missing", message, hint };
  }
}

async function clientTool(env: Env, config: Config | null): Promise<Tool> {
  try {
    const command = findClient(config?.claude.command ?? "claude", env.PATH ?? "");
    return { kind: "there", command, version: await askVersion(command, env) };
  } catch (thrown) {
    const { message, hint } = asFailoverError(thrown);
    return { kind: "missing", message, hint };
  }
}

/** The slot's own home first, then configured ones, then what looks like one. */
function homePaths(home: string, slot: Surroundings["slot"], config: Config | null): string[] {
  const first = slot.kind === "directory" ? [slot.path] : slot.to === null ? [] : [slot.to];
  const configured = (config?.accounts ?? []).map((account) => account.home);
  const found = readdirSync(home)
    .filter((name) => /^\.claude-\w/.test(name) && !/-shared$|^\.claude-adopt-/.test(name))
    .map((name) => join(home, name))
    .filter(looksUsed)
    .toSorted();
  return [...new Set([...first, ...configured, ...found])].filter(isDirectory);
}

function looksUsed(path: string): boolean {
  return [".credentials.json", ".claude.json", "projects", "settings.json"].some((name) =>
    existsSync(join(path, name)),
  );
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

async function homeAt(
  path: string,
  slot: Surroundings["slot"],
  options: LookOptions & { command: string | null; root: string },
): Promise<FoundHome> {
  const entries = await Promise.all(
    DEFAULT_SHARED_LINKS.map(async (link) => ({ link, entry: entryAt(join(path, link)) })),
  );
  return {
    path,
    inSlot: path === slot.path || path === slot.to,
    loggedIn: (await credentialsPresent(path)) === "present",
    who: await whoIs(path, options),
    private: entries.filter(({ entry }) => entry.kind === "directory").map(({ link }) => link),
    stale: entries
      .filter(({ link, entry }) => entry.kind === "link" && entry.to === join(slot.path, link))
      .map(({ link }) => ({ path: join(path, link), to: sharedTarget(options.root, link) })),
  };
}

/**
 * Asks the client who a home is, where that changes nothing: it writes a `.claude.json` where there
 * is none, and leaves one that is there alone (measured, 2.1.328).
 */
async function whoIs(
  path: string,
  { env, clock, home, command }: LookOptions & { command: string | null },
): Promise<Identity> {
  if (command === null) return { kind: "unknown", why: "there is no client to ask" };
  const isDefault = path === join(home, ".claude");
  const state = join(isDefault ? home : path, ".claude.json");
  if (!existsSync(state)) return { kind: "unknown", why: "the client has not run with it yet" };
  return readIdentity({ claude: command, home: path, env, clock, isDefault });
}

function usersOf(paths: readonly string[]): string[] {
  const found = findHomeUsers(paths.filter((path) => existsSync(path)));
  if (found.kind === "unknown")
    return [`Whether a process uses the homes cannot be told: ${found.why}.`];
  return found.users.map((user) => `${userText(user)}.`);
}
