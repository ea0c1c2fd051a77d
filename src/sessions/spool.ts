import { type FSWatcher, readFileSync, readdirSync, statSync, unlinkSync, watch } from "node:fs";
import { join } from "node:path";
import { sessionOfSpoolFile } from "../claude/launch.ts";
import { sessionOfStatusLine } from "../claude/status-line-command.ts";
import { turnOfLoop } from "../clock.ts";
import { errnoOf } from "../errors.ts";

/** One payload that a hook or the status line of a session left in the spool. */
export interface SpooledHook {
  readonly session: string;
  readonly payload: unknown;
  /** When it was written, epoch ms. */
  readonly at: number;
}

export interface SpoolWatch extends Disposable {
  /** Looks at everything again. For a slow timer: the kernel drops events without a word. */
  rescan(): void;
}

/** A payload that is still not whole after this long was cut off when its writer died. */
const ABANDONED_MS = 30_000;

/**
 * Reads hook payloads from the spool directory: first those that were written while nobody read, in
 * their order, then what appears, all of one turn of the event loop at once. A file is removed only
 * after it was taken in, so that nothing is lost when this process is killed in between; it may be
 * told twice then. A file that is still being written is no whole JSON and is looked at again when it
 * changes. What a status line shows stays, one file a session, until the session's next one replaces
 * it: at start it is told again. Throws what the file system does where `dir` cannot be watched.
 */
export function watchSpool(options: {
  dir: string;
  /** Never empty; when it returns they are taken in. */
  onHooks: (hooks: readonly SpooledHook[]) => void;
  onStatusLine?: (shown: SpooledHook) => void;
  /** A payload could not be read or taken in, or the watch failed. */
  onError: (error: unknown) => void;
  now: () => number;
}): SpoolWatch {
  const { dir, onHooks, onError, now } = options;
  const lookAtStatusLine = statusLineReader(options);
  const look = (names: Iterable<string>): void => {
    const found = new Map<string, SpooledHook>();
    for (const name of names) {
      const shown = sessionOfStatusLine(name);
      if (shown !== null) lookAtStatusLine(shown, name);
      const hook = attempt(() => read(dir, name, now()), onError);
      if (hook !== null && hook !== undefined) found.set(name, hook);
    }
    if (found.size === 0) return;
    attempt(() => onHooks([...found.values()]), onError);
    for (const name of found.keys()) attempt(() => remove(join(dir, name)), onError);
  };
  const named = new Set<string>();
  const lookAtNamed = (): void => {
    const names = [...named];
    named.clear();
    look(names);
  };
  // Watching first, so that nothing falls between the two.
  const watcher: FSWatcher = watch(dir, (_event, name) => {
    if (name === null) return;
    if (named.size === 0) void turnOfLoop().then(lookAtNamed);
    named.add(name);
  });
  watcher.on("error", onError);
  look(inOrder(dir));
  return {
    rescan: () => attempt(() => look(inOrder(dir)), onError),
    [Symbol.dispose]: () => {
      watcher.close();
      named.clear();
    },
  };
}

/** The kernel tells one replacement more than once. */
function statusLineReader(options: {
  dir: string;
  onStatusLine?: (shown: SpooledHook) => void;
  onError: (error: unknown) => void;
}): (session: string, name: string) => void {
  const { dir, onStatusLine, onError } = options;
  const last = new Map<string, number>();
  return (session, name) => {
    if (onStatusLine === undefined) return;
    attempt(() => {
      const path = join(dir, name);
      const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (mtimeMs === undefined || last.get(session) === mtimeMs) return;
      const payload = parse(readFileSync(path, "utf8"));
      if (payload === undefined) return;
      last.set(session, mtimeMs);
      onStatusLine({ session, payload, at: Math.floor(mtimeMs) });
    }, onError);
  };
}

function attempt<T>(work: () => T, onError: (error: unknown) => void): T | undefined {
  try {
    return work();
  } catch (thrown) {
    onError(thrown);
    return undefined;
  }
}

function read(dir: string, name: string, now: number): SpooledHook | null {
  const session = sessionOfSpoolFile(name);
  if (session === null) return null;
  const path = join(dir, name);
  try {
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    // We removed it: the kernel tells that as well.
    if (mtimeMs === undefined) return null;
    const at = Math.floor(mtimeMs);
    const payload = parse(readFileSync(path, "utf8"));
    if (payload !== undefined) return { session, payload, at };
    if (now - at > ABANDONED_MS) remove(path);
    return null;
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return null;
    throw thrown;
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function inOrder(dir: string): string[] {
  const written = readdirSync(dir).map((name) => ({ name, at: writtenAt(join(dir, name)) }));
  // The kernel's own clock of files may tick as slowly as every 10 ms; pids grow nearly always.
  const pidOf = (name: string): number => Number(name.slice(name.lastIndexOf(".") + 1)) || 0;
  return written
    .toSorted((a, b) => a.at - b.at || pidOf(a.name) - pidOf(b.name))
    .map((file) => file.name);
}

function writtenAt(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
