import { rmSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { moveEntry, QUEUE_FOLDER } from "../dispatch/queue-folder.ts";
import type { Forgotten } from "../store/space.ts";
import type { Store } from "../store/store.ts";
import { fateOfDispatched, removals, rowBounds, type Leftover } from "./decide.ts";
import { dispatchedFiles, finishedFiles, settingsFiles } from "./look.ts";

/** What was removed of one kind in one place, or would be. */
export interface Removed {
  readonly kind: RemovedKind;
  /** Where the paths lie; null for rows of the database. */
  readonly folder: string | null;
  /** Below the folder. */
  readonly paths: readonly string[];
  /** How many files or rows. */
  readonly count: number;
  readonly bytes: number;
  readonly why: string;
}

export type RemovedKind =
  "taskFiles" | "dispatchedFiles" | "settingsFiles" | "slotLinks" | "log" | keyof Forgotten;

export interface JanitorDeps {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly settingsDir: string;
  /** The log file and how to begin a new one; null where the log is not ours. */
  readonly logFile: string | null;
  readonly rotateLog: () => void;
  /** The links of slots: those that nobody uses any more, and how they are removed. */
  readonly slots: {
    readonly folder: string;
    readonly unused: () => readonly string[];
    readonly remove: (paths: readonly string[]) => void;
  };
  /** Sessions that may run: their files are in use. */
  readonly sessions: () => readonly string[];
  readonly onFault: (what: string, thrown: unknown) => void;
}

const EVERY_MS = 600_000;
const SETTINGS_MS = 86_400_000;
/** So many paths at most in one event. */
const PATHS_A_TIME = 100;
const TASKS_A_TIME = 500;

/** Keeps what we write bounded by age and size; never what is in use; tells of everything it removes. */
export class Janitor {
  readonly #deps: JanitorDeps;
  #lookedAt: number;
  #running: Promise<readonly Removed[]> | null = null;

  constructor(deps: JanitorDeps) {
    this.#deps = deps;
    this.#lookedAt = deps.clock.monotonic();
  }

  /** Cleans up in the background, ten minutes after it did last. */
  look(): void {
    const { clock, signal, onFault } = this.#deps;
    if (this.#running !== null || clock.monotonic() - this.#lookedAt < EVERY_MS) return;
    this.#lookedAt = clock.monotonic();
    this.clean({ dryRun: false }).catch((thrown: unknown) => {
      if (!signal.aborted) onFault("janitor", thrown);
    });
  }

  /** Removes what is due, or only says what that is. One run at a time. */
  async clean(how: { readonly dryRun: boolean }): Promise<readonly Removed[]> {
    while (this.#running !== null) await this.#running.catch(() => undefined);
    this.#running = this.#clean(how);
    try {
      return await this.#running;
    } finally {
      this.#running = null;
    }
  }

  async #clean({ dryRun }: { readonly dryRun: boolean }): Promise<Removed[]> {
    const { config, signal } = this.#deps;
    const removed: Removed[] = [];
    for (const { path } of config.dispatch.projects) {
      // In this order: what is moved to failed/ has all its time there.
      removed.push(
        ...(await this.#finished(path, dryRun)),
        ...(await this.#unclaimed(path, dryRun)),
      );
      if (signal.aborted) return removed;
    }
    removed.push(
      ...(await this.#settings(dryRun)),
      ...this.#slots(dryRun),
      ...this.#log(dryRun),
      ...this.#rows(dryRun),
    );
    return removed;
  }

  /** Files that say that a session has them, while none does. */
  async #unclaimed(project: string, dryRun: boolean): Promise<Removed[]> {
    const { store, clock } = this.#deps;
    const folder = join(project, QUEUE_FOLDER);
    const files = (await dispatchedFiles(project)).map((file) => {
      const name = file.path.slice("inbox/".length, -".md.dispatched".length);
      const fate = fateOfDispatched(file, store.tasks.byName(project, name), clock.now());
      return { ...file, name, fate };
    });
    const left = files.filter(({ fate }) => fate === "isLeft");
    const lost = files.filter(({ fate }) => fate === "isLost");
    if (!dryRun) {
      for (const { path } of left) rmSync(join(folder, path), { force: true });
      for (const { path, name } of lost)
        moveEntry(project, path, { folder: "failed", name: `${name}.md` });
    }
    return [
      ...this.#told("dispatchedFiles", folder, left, { why: "their tasks are over", dryRun }),
      ...this.#told("dispatchedFiles", folder, lost, {
        why: "no task is called so; they were moved to failed/",
        dryRun,
      }),
    ];
  }

  async #finished(project: string, dryRun: boolean): Promise<Removed[]> {
    const { config, clock } = this.#deps;
    const { tasksMs: mostMs, taskBytes: mostBytes } = config.keep;
    const folder = join(project, QUEUE_FOLDER);
    const due = removals(await finishedFiles(project), { now: clock.now(), mostMs, mostBytes });
    if (!dryRun) for (const { path } of due) rmSync(join(folder, path), { force: true });
    return [...new Set(due.map(({ why }) => why))].flatMap((why) =>
      this.#told(
        "taskFiles",
        folder,
        due.filter((each) => each.why === why),
        { why, dryRun },
      ),
    );
  }

  async #settings(dryRun: boolean): Promise<Removed[]> {
    const { settingsDir, clock, sessions } = this.#deps;
    const files = await settingsFiles(settingsDir);
    const inUse = new Set(sessions());
    const due = files.filter(
      ({ session, since }) => !inUse.has(session) && clock.now() - since > SETTINGS_MS,
    );
    if (!dryRun) for (const { path } of due) rmSync(join(settingsDir, path), { force: true });
    const why = "their sessions are not there any more";
    return this.#told("settingsFiles", settingsDir, due, { why, dryRun });
  }

  #slots(dryRun: boolean): Removed[] {
    const { folder, unused, remove } = this.#deps.slots;
    const paths = unused();
    if (!dryRun) remove(paths);
    const links = paths.map((path) => ({ path: relative(folder, path), bytes: 0, since: 0 }));
    const why = "their slots are not configured any more, and nobody uses them";
    return this.#told("slotLinks", folder, links, { why, dryRun });
  }

  /** Two files of half the bound each: the older one goes. */
  #log(dryRun: boolean): Removed[] {
    const { logFile, rotateLog, config } = this.#deps;
    const size = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (logFile === null || size(logFile) <= config.keep.logBytes / 2) return [];
    const older = `${logFile}.1`;
    const gone = size(older);
    if (!dryRun) rotateLog();
    if (gone === 0) return [];
    const why = "a newer one took its place";
    return this.#told("log", null, [{ path: older, bytes: gone, since: 0 }], { why, dryRun });
  }

  #rows(dryRun: boolean): Removed[] {
    const { store, config, clock } = this.#deps;
    const bounds = rowBounds(config.keep, clock.now(), store.space.bytes());
    const counts = dryRun
      ? store.space.wouldForget(bounds)
      : store.space.forget(bounds, TASKS_A_TIME);
    if (!dryRun) store.space.shrink();
    const why = "they are older than what is kept";
    return Object.entries(counts).flatMap(([kind, count]) =>
      count === 0
        ? []
        : this.#say(
            { kind: kind as RemovedKind, folder: null, paths: [], count, bytes: 0, why },
            dryRun,
          ),
    );
  }

  #told(
    kind: RemovedKind,
    folder: string | null,
    files: readonly Leftover[],
    { why, dryRun }: { readonly why: string; readonly dryRun: boolean },
  ): Removed[] {
    const told: Removed[] = [];
    for (let from = 0; from < files.length; from += PATHS_A_TIME) {
      const some = files.slice(from, from + PATHS_A_TIME);
      const paths = some.map(({ path }) => path);
      const bytes = some.reduce((sum, each) => sum + each.bytes, 0);
      told.push(...this.#say({ kind, folder, paths, count: some.length, bytes, why }, dryRun));
    }
    return told;
  }

  #say(removed: Removed, dryRun: boolean): Removed[] {
    const { kind, folder, paths, count, bytes, why: text } = removed;
    const { store } = this.#deps;
    if (!dryRun) store.emit("janitor.removed", { kind, folder, paths, count, bytes, text });
    return [removed];
  }
}
