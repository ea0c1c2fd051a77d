import { readdirSync, statSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname, join } from "node:path";
import { errnoOf, FailoverError } from "../errors.ts";
import { isTranscriptName } from "./find-transcripts.ts";
import { prepareResetTimes } from "./reset-time.ts";
import { TranscriptTail } from "./transcript-tail.ts";
import type { TranscriptRow } from "./transcript.ts";

export interface WatchTranscriptsOptions {
  /** The client's `projects` directory; it must exist. */
  readonly projectsDir: string;
  /** Rows as they are appended to one transcript, each row once, never an empty list. */
  readonly onRows: (path: string, rows: TranscriptRow[]) => void;
  /** A directory that cannot be watched or a file that cannot be read; watching goes on. */
  readonly onError: (error: FailoverError) => void;
  readonly signal: AbortSignal;
  /** Where reading begins in a file that is there already; `end` if not given. */
  readonly from?: (path: string) => "start" | "end";
}

export interface TranscriptWatch {
  /**
   * Reads one transcript now and returns its new rows; `onRows` does not get these again. The path
   * may lead through any account home or slot: its last two names count. A file not seen before is
   * read from its start.
   */
  poke(path: string): TranscriptRow[];
  /** Looks at everything again. For a slow timer: the kernel can drop events without a word. */
  rescan(): void;
}

/**
 * Watches the transcripts directly below every project of `projectsDir`, one kernel watch per
 * directory and none per file, so that idle transcripts cost nothing. A file that appears later is
 * read from its start. Throws CF_CLIENT_TRANSCRIPTS where `projectsDir` cannot be read or watched.
 */
export function watchTranscripts(options: WatchTranscriptsOptions): TranscriptWatch {
  // Now, and not when the first refusal comes in.
  prepareResetTimes();
  const watcher = new Watcher(options);
  watcher.start();
  return watcher;
}

/** A kernel watch, and which directory it looks at: another one may stand at the same path later. */
interface Watch {
  readonly watcher: FSWatcher;
  readonly identity: string;
}

class Watcher implements TranscriptWatch {
  readonly #options: WatchTranscriptsOptions;
  readonly #tails = new Map<string, TranscriptTail>();
  readonly #watches = new Map<string, Watch>();

  constructor(options: WatchTranscriptsOptions) {
    this.#options = options;
  }

  start(): void {
    const { projectsDir, signal, from } = this.#options;
    if (signal.aborted) return;
    signal.addEventListener("abort", () => this.#stop(), { once: true });
    // Tails first: what is appended from here on is new, whenever the watches come up.
    for (const project of projectsIn(projectsDir))
      for (const path of this.#attempt(project, () => transcriptsIn(project)) ?? [])
        this.#addTail(path, from?.(path) ?? "end");
    this.rescan();
  }

  poke(path: string): TranscriptRow[] {
    const name = basename(path);
    if (!isTranscriptName(name)) return [];
    return this.#readTail(join(this.#options.projectsDir, basename(dirname(path)), name));
  }

  rescan(): void {
    const { projectsDir } = this.#options;
    this.#watch(projectsDir, (name) => this.#onProject(name));
    const projects = this.#attempt(projectsDir, () => projectsIn(projectsDir)) ?? [];
    for (const project of projects) this.#lookAt(project);
  }

  #onProject(name: string | null): void {
    if (name === null) return this.rescan();
    // Made, removed or moved: whatever was watched there, its inode may be another's by now.
    const project = join(this.#options.projectsDir, name);
    this.#unwatch(project);
    this.#lookAt(project);
  }

  /** Watches a project before it reads it, so that nothing falls between the two. */
  #lookAt(project: string): void {
    this.#watch(project, (name) => this.#onTranscript(project, name));
    const paths = this.#attempt(project, () => transcriptsIn(project)) ?? [];
    for (const path of paths) this.#emit(path);
  }

  #onTranscript(project: string, name: string | null): void {
    if (name === null) this.#lookAt(project);
    else if (isTranscriptName(name)) this.#emit(join(project, name));
  }

  #emit(path: string): void {
    const rows = this.#readTail(path);
    if (rows.length > 0) this.#options.onRows(path, rows);
  }

  #readTail(path: string): TranscriptRow[] {
    const tail = this.#tails.get(path) ?? this.#addTail(path, "start");
    return this.#attempt(path, () => tail?.readNew()) ?? [];
  }

  #addTail(path: string, from: "start" | "end"): TranscriptTail | undefined {
    const tail = this.#attempt(path, () => new TranscriptTail({ path, from }));
    if (tail !== undefined) this.#tails.set(path, tail);
    return tail;
  }

  #watch(directory: string, onName: (name: string | null) => void): void {
    const identity = this.#attempt(directory, () => directoryIdentity(directory)) ?? null;
    const known = this.#watches.get(directory);
    if (known !== undefined && known.identity === identity) return;
    this.#unwatch(directory);
    if (identity === null) return;
    this.#attempt(directory, () => {
      const watcher = watch(directory, { persistent: false });
      this.#watches.set(directory, { watcher, identity });
      watcher.on("change", (_event, name) => onName(typeof name === "string" ? name : null));
      watcher.on("error", (cause) => {
        this.#unwatch(directory);
        this.#options.onError(unfollowed(directory, cause));
        this.rescan();
      });
    });
  }

  #unwatch(directory: string): void {
    this.#watches.get(directory)?.watcher.close();
    this.#watches.delete(directory);
  }

  #stop(): void {
    for (const directory of this.#watches.keys()) this.#unwatch(directory);
    this.#tails.clear();
  }

  /** Runs `action` unless stopped; what is gone is nothing, other faults go to `onError`. */
  #attempt<T>(path: string, action: () => T): T | undefined {
    if (this.#options.signal.aborted) return undefined;
    try {
      return action();
    } catch (cause) {
      const isGone = ["ENOENT", "ENOTDIR"].includes(errnoOf(cause) ?? "");
      if (!isGone)
        this.#options.onError(cause instanceof FailoverError ? cause : unfollowed(path, cause));
      return undefined;
    }
  }
}

function projectsIn(projectsDir: string): string[] {
  try {
    return readdirSync(projectsDir).map((name) => join(projectsDir, name));
  } catch (cause) {
    throw unfollowed(projectsDir, cause);
  }
}

function transcriptsIn(project: string): string[] {
  return readdirSync(project)
    .filter(isTranscriptName)
    .map((name) => join(project, name));
}

/** Which directory a path leads to; null if to none. */
function directoryIdentity(path: string): string | null {
  const found = statSync(path);
  return found.isDirectory() ? `${found.dev}:${found.ino}` : null;
}

function unfollowed(path: string, cause: unknown): FailoverError {
  const message = `Transcripts in ${path} cannot be followed.`;
  return new FailoverError("CF_CLIENT_TRANSCRIPTS", message, { details: { path }, cause });
}
