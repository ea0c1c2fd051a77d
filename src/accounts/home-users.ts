import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { processStart } from "./proc.ts";

/** A process that uses a home, or of which it cannot be told. */
export interface HomeUser {
  readonly pid: number;
  /** The command, as far as it can be read. */
  readonly command: string;
  /** One clause: how it uses the home, or why that cannot be told. */
  readonly why: string;
}

/** The answer, or why there is none: what is unknown counts as used. */
export type HomeUsers =
  | { readonly kind: "known"; readonly users: readonly HomeUser[] }
  | { readonly kind: "unknown"; readonly why: string };

const CONFIG_DIR = "CLAUDE_CONFIG_DIR";

/**
 * Processes of every login session that hide from their own user and never use a home. Without them
 * an adoption would be refused on most machines.
 */
const KNOWN_TO_HIDE = new Set([
  "(sd-pam)",
  "ssh-agent",
  "gpg-agent",
  "sshd",
  "sshd-session",
  "fusermount",
  "fusermount3",
  "gnome-keyring-d",
]);

/**
 * Finds the processes that use one of the directories: by working directory, open file,
 * `CLAUDE_CONFIG_DIR` (or a client's default `~/.claude`), or a live `sessions/<pid>.json`.
 *
 * A process of another user that may not be looked into is not counted: it could not enter a
 * private home either. One of our own user that may not be looked into counts as a user, unless it
 * is the init process or a known agent that hides by design. Our own process is not counted. Needs /proc.
 */
export function findHomeUsers(directories: readonly string[]): HomeUsers {
  const places = directories.flatMap(realPlace);
  const pids = processIds();
  if (pids === null)
    return { kind: "unknown", why: "this system has no /proc that tells what processes use" };
  const users: HomeUser[] = [];
  const sessions = new Map(places.flatMap(liveSessions));
  for (const pid of pids) {
    if (pid === process.pid) continue;
    const why = useOf(pid, places) ?? sessions.get(pid) ?? null;
    if (why !== null) users.push({ pid, command: commandOf(pid), why });
  }
  return { kind: "known", users };
}

/**
 * The values of `CLAUDE_CONFIG_DIR` that processes were started with, no link resolved; null where that
 * cannot be told of every process of our user. Needs /proc.
 */
export function namedConfigDirectories(): ReadonlySet<string> | null {
  const named = new Set<string>();
  const pids = processIds();
  if (pids === null) return null;
  for (const pid of pids)
    try {
      const value = variablesOf(pid)(CONFIG_DIR);
      if (value !== undefined) named.add(value);
    } catch (thrown) {
      if (unreadable(pid, thrown) !== null) return null;
    }
  return named;
}

/** Null without a /proc that tells what processes use. */
function processIds(): number[] | null {
  try {
    readlinkSync("/proc/self/cwd");
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return null;
  }
}

/** One line for an operator. */
export function userText(user: HomeUser): string {
  return `process ${user.pid} (${user.command}) ${user.why}`;
}

function realPlace(path: string): string[] {
  try {
    return [realpathSync(path)];
  } catch {
    return [];
  }
}

function useOf(pid: number, places: readonly string[]): string | null {
  const inside = (path: string): boolean =>
    places.some((place) => path === place || path.startsWith(place + sep));
  try {
    const cwd = readlinkSync(`/proc/${pid}/cwd`);
    if (inside(cwd)) return `works in ${cwd}`;
    const open = openFiles(pid).find(inside);
    if (open !== undefined) return `has ${open} open`;
    const config = configDirectory(pid);
    if (config !== null && inside(config)) return `has ${config} as its config directory`;
    return null;
  } catch (thrown) {
    return unreadable(pid, thrown);
  }
}

function openFiles(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      // Closed while we looked.
      return [];
    }
  });
}

/** `CLAUDE_CONFIG_DIR`, or a client's `~/.claude`, with every link resolved; null for neither. */
function configDirectory(pid: number): string | null {
  const valueOf = variablesOf(pid);
  const home = valueOf("HOME");
  const fallback = home !== undefined && isClient(pid) ? join(home, ".claude") : undefined;
  const named = valueOf(CONFIG_DIR) ?? fallback;
  return named === undefined ? null : (realPlace(named)[0] ?? null);
}

/** The environment that a process was started with. Throws where it may not be read. */
function variablesOf(pid: number): (name: string) => string | undefined {
  const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  return (name) =>
    environment.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}

function isClient(pid: number): boolean {
  const [program = "", script = ""] = argumentsOf(pid);
  return [program, script].some((word) => /(^|\/)(claude|claude-code)(\/|$|\.)/.test(word));
}

function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/** Why a process that cannot be looked into counts as a user, or null when it does not. */
function unreadable(pid: number, thrown: unknown): string | null {
  const errno = thrown instanceof Error && "code" in thrown ? thrown.code : null;
  // It ended while we looked, or is a kernel thread or a zombie: those hold no files.
  if (errno === "ENOENT" || errno === "ESRCH") return null;
  const owner = ownerOf(pid);
  if (owner === null || (owner !== process.getuid?.() && owner !== process.geteuid?.()))
    return null;
  // The first process is the system's, or the container's, own; it may be a client in a container.
  if (KNOWN_TO_HIDE.has(commandOf(pid)) || (pid === 1 && !isClient(pid))) return null;
  return `may not be looked into (${String(errno)}), so it may use the home`;
}

/** The real user of a process. Not the owner of its /proc folder: that is root when it hides. */
function ownerOf(pid: number): number | null {
  try {
    const line = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return line?.[1] === undefined ? statSync(`/proc/${pid}`).uid : Number(line[1]);
  } catch {
    return null;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "gone";
  }
}

/** Sessions that the client has registered in a home (client facts 6) and whose process lives. */
function liveSessions(home: string): [number, string][] {
  const folder = join(home, "sessions");
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.flatMap((name): [number, string][] => {
    const pid = Number(/^(\d+)\.json$/.exec(name)?.[1] ?? Number.NaN);
    if (!Number.isSafeInteger(pid)) return [];
    const start = processStart(pid);
    if (start === null) return [];
    const registered = procStartIn(join(folder, name));
    if (registered !== null && start !== undefined && registered !== start) return [];
    return [[pid, `is registered as a session in ${join(folder, name)}`]];
  });
}

function procStartIn(path: string): string | null {
  try {
    const found = /"procStart"\s*:\s*"?(\d+)"?/.exec(readFileSync(path, "utf8"));
    return found?.[1] ?? null;
  } catch {
    return null;
  }
}
