import { watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { errnoOf } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { QueuedFile, TaskRow } from "../store/tasks.ts";
import { MOST_FILE_BYTES, parseTaskFile, tooLong } from "./parse-task.ts";
import type { TaskQueue } from "./queue.ts";
import {
  listInbox,
  moveEntry,
  prepareFolders,
  QUEUE_FOLDER,
  readTaskFile,
  writeEntry,
  type InboxEntry,
} from "./queue-folder.ts";

export interface InboxDeps {
  /** The project's folder as configured. */
  readonly project: string;
  readonly queue: TaskQueue;
  readonly store: Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A task was taken in or changed. */
  readonly onTask: () => void;
  readonly onFault: (what: string, thrown: unknown) => void;
}

/** A file that did not change for this long is taken to be whole. */
const STABLE_MS = 1_000;
/** One that is no task is given longer: it may still be being written. */
const REFUSE_AFTER_MS = 5_000;
/** A task whose file is not there for this long was taken away by whoever wrote it. */
const GONE_MS = 2_000;
/** Taken in with one durable commit, without letting others in between. */
const AT_A_TIME = 25;
/** So many times as long as a look took it rests before the next. */
const REST = 4;
/** With what we append it must still be a file name. */
const MOST_NAME_BYTES = 200;

interface Pending {
  readonly print: string;
  readonly since: number;
}

/** One project's inbox: takes files in once they are whole, and refuses with a sentence what is no task. */
export class Inbox {
  readonly #deps: InboxDeps;
  #watcher: FSWatcher | null = null;
  /** Files that are looked at until they are whole. */
  readonly #pending = new Map<string, Pending>();
  /** How each waiting task's file looked when it was taken in. */
  readonly #taken = new Map<string, string>();
  /** Since when the file of a task is not there. */
  readonly #gone = new Map<number, number>();
  readonly #told = new Set<string>();
  /** The sentence that says why the inbox cannot be used, or null. */
  #problem: string | null = null;
  #scanning: Promise<void> | null = null;
  #again = false;
  #alarm: AbortController | null = null;

  constructor(deps: InboxDeps) {
    this.#deps = deps;
    deps.signal.addEventListener("abort", () => this.#watcher?.close(), { once: true });
  }

  /** Looks at the inbox now; calls while it looks make it look once more. Never rejects. */
  async scan(): Promise<void> {
    if (this.#scanning !== null) {
      this.#again = true;
      return this.#scanning;
    }
    this.#scanning = this.#scanAll();
    await this.#scanning;
  }

  async #scanAll(): Promise<void> {
    const { clock, signal, onFault } = this.#deps;
    try {
      do {
        this.#again = false;
        const began = clock.monotonic();
        await this.#look();
        // Each file that goes to a session asks for a look at the thousands that wait.
        const restMs = REST * (clock.monotonic() - began);
        if (this.#again && restMs > 0) await clock.sleep(restMs, signal);
      } while (this.#again && !signal.aborted);
    } catch (thrown) {
      if (!signal.aborted) this.#tellFault(thrown, onFault);
    } finally {
      this.#scanning = null;
    }
  }

  /** The same fault at every look is one fault. */
  #tellFault(thrown: unknown, onFault: InboxDeps["onFault"]): void {
    const text = String(thrown);
    if (this.#told.has(text)) return;
    this.#told.add(text);
    onFault("inbox", thrown);
  }

  async #look(): Promise<void> {
    const { project, store, clock, signal } = this.#deps;
    const problem = prepareFolders(project);
    this.#tellProblem(problem);
    if (problem !== null) return this.#unwatch();
    this.#watch();
    const entries = this.#list();
    if (entries === null) return;
    const waiting = store.tasks.queuedFiles(project);
    const known = new Map(waiting.map((task) => [task.path, task]));
    const news = entries.filter(
      (entry) => !this.#isUnchanged(entry, known.get(pathOf(entry.name))),
    );
    let nextAt = Infinity;
    for (let from = 0; from < news.length; from += AT_A_TIME) {
      if (from > 0) await clock.sleep(0, signal);
      nextAt = Math.min(nextAt, ...this.#entries(news.slice(from, from + AT_A_TIME)));
    }
    const names = new Set(entries.map(({ name }) => name));
    for (const seen of [this.#pending, this.#taken])
      for (const name of seen.keys()) if (!names.has(name)) seen.delete(name);
    nextAt = Math.min(nextAt, this.#missing(waiting, names));
    if (nextAt < Infinity) this.#lookAt(nextAt);
  }

  #list(): InboxEntry[] | null {
    try {
      return listInbox(this.#deps.project);
    } catch (thrown) {
      // It went away since it was looked at.
      if (errnoOf(thrown) === undefined) throw thrown;
      this.#lookAt(this.#deps.clock.now() + STABLE_MS);
      return null;
    }
  }

  #tellProblem(problem: string | null): void {
    const { store, project } = this.#deps;
    if (problem === this.#problem) return;
    if (problem === null) store.emit("inbox.usable", { project });
    else store.emit("inbox.unusable", { project, text: problem });
    this.#problem = problem;
  }

  #entries(some: readonly InboxEntry[]): number[] {
    try {
      return this.#deps.store.transaction(() => some.map((entry) => this.#entryOrFault(entry)));
    } catch (thrown) {
      // A full disk, met by one of them, undid what was taken in of the others.
      for (const { name } of some) this.#taken.delete(name);
      throw thrown;
    }
  }

  /** One that cannot be taken in now stays where it is, and the others are taken in all the same. */
  #entryOrFault(entry: InboxEntry): number {
    try {
      return this.#entry(entry);
    } catch (thrown) {
      // It went away since the inbox was read: a session has it by now, or whoever wrote it took it.
      if (errnoOf(thrown) === "ENOENT") return this.#deps.clock.now() + STABLE_MS;
      this.#tellFault(thrown, this.#deps.onFault);
      return this.#deps.clock.now() + REFUSE_AFTER_MS;
    }
  }

  /** Looks at one entry, and says when it is to be looked at again (epoch ms). */
  #entry(entry: InboxEntry): number {
    const { store, project } = this.#deps;
    const { name, kind, inode } = entry;
    if (Buffer.byteLength(name) > MOST_NAME_BYTES)
      return this.#refuse(entry, `Its name is longer than ${MOST_NAME_BYTES} bytes.`);
    if (kind === "directory") return this.#refuse(entry, "It is a folder, not a file.");
    if (kind === "link")
      return this.#refuse(
        entry,
        "It is a link, which could lead out of the project: put the file itself here.",
      );
    if (kind === "other") return this.#refuse(entry, "It is no regular file.");
    const known = store.tasks.byPath(project, pathOf(name));
    if (known !== null && known.state !== "queued") {
      // A session has it; it is moved as soon as it can be.
      if (known.inode === inode) return Infinity;
      store.tasks.change(known.id, { path: null, inode: null });
      return this.#take(entry, null);
    }
    return this.#isUnchanged(entry, known) ? Infinity : this.#take(entry, known);
  }

  #isUnchanged(
    entry: InboxEntry,
    known: Pick<TaskRow, "inode" | "createdAt"> | null | undefined,
  ): boolean {
    if (known?.inode !== entry.inode) return false;
    const print = this.#taken.get(entry.name);
    // A daemon before this one took it in, after it had stood still.
    return print === undefined ? entry.changedAt <= known.createdAt : print === printOf(entry);
  }

  #take(entry: InboxEntry, known: TaskRow | null): number {
    const { project, clock, queue, onTask } = this.#deps;
    const { name, inode } = entry;
    const print = printOf(entry);
    const stableAt = this.#stableAt(entry, print);
    if (stableAt > clock.now()) return stableAt;
    if (entry.size > MOST_FILE_BYTES) return this.#refuseLater(entry, tooLong(entry.size), known);
    const bytes = readTaskFile(project, entry);
    if (bytes === null) return clock.now();
    const parsed = parseTaskFile(bytes);
    if (!parsed.ok) return this.#refuseLater(entry, parsed.why, known);
    const file = { name: name.slice(0, -".md".length), path: pathOf(name), inode };
    const incoming = { project, spec: parsed.task, front: parsed.front, file };
    if (known !== null) {
      const why = queue.rewrite(known.id, incoming);
      if (why !== null) return this.#refuseLater(entry, why, known);
    } else {
      const added = queue.add(incoming);
      if (added.kind === "refused") return this.#refuseLater(entry, added.why, null);
      if (added.kind === "known")
        return this.#refuse(entry, `Task ${added.id}, which is ${added.state}, is the same one.`);
    }
    this.#pending.delete(name);
    this.#taken.set(name, print);
    onTask();
    return Infinity;
  }

  /** From when the file counts as whole (epoch ms). One that was written long ago was moved here. */
  #stableAt(entry: InboxEntry, print: string): number {
    const now = this.#deps.clock.now();
    const before = this.#pending.get(entry.name);
    const since = before?.print === print ? before.since : now;
    this.#pending.set(entry.name, { print, since });
    return Math.min(since, entry.changedAt) + STABLE_MS;
  }

  #refuseLater(entry: InboxEntry, why: string, known: TaskRow | null): number {
    const { clock, queue } = this.#deps;
    const since = Math.min(this.#pending.get(entry.name)?.since ?? Infinity, entry.changedAt);
    const at = Math.min(since, entry.changedAt) + REFUSE_AFTER_MS;
    if (at > clock.now()) return at;
    if (known !== null) {
      this.#deps.store.tasks.change(known.id, { path: null, inode: null });
      queue.cancel(known.id, `its file was changed and is no task any more: ${why}`);
    }
    return this.#refuse(entry, why);
  }

  #refuse(entry: InboxEntry, why: string): number {
    const { project, store } = this.#deps;
    const { name } = entry;
    this.#pending.delete(name);
    const bare = Buffer.byteLength(name) > MOST_NAME_BYTES ? `${name.slice(0, 40)}.md` : name;
    const path = moveEntry(project, pathOf(name), { folder: "rejected", name: bare });
    const reason = { folder: "rejected", name: `${path.slice("rejected/".length)}.why` } as const;
    // Told first: a full disk may have no room for the reason.
    store.emit("task.rejected", { project, file: path, text: why });
    writeEntry(project, reason, `${why}\n`);
    return Infinity;
  }

  /** Tasks whose files were taken away before anybody got them are not wanted any more. */
  #missing(waiting: readonly QueuedFile[], names: ReadonlySet<string>): number {
    const { store, clock, queue } = this.#deps;
    const now = clock.now();
    let nextAt = Infinity;
    for (const task of waiting) {
      if (names.has(task.path.slice(pathOf("").length))) {
        this.#gone.delete(task.id);
        continue;
      }
      const since = this.#gone.get(task.id) ?? now;
      this.#gone.set(task.id, since);
      if (now - since < GONE_MS) nextAt = Math.min(nextAt, since + GONE_MS);
      else {
        this.#gone.delete(task.id);
        // Not one that a session was given while the others were looked at.
        if (store.tasks.get(task.id)?.state === "queued")
          queue.cancel(task.id, "its file was taken out of the inbox");
      }
    }
    return nextAt;
  }

  #watch(): void {
    if (this.#watcher !== null || this.#deps.signal.aborted) return;
    const folder = join(this.#deps.project, QUEUE_FOLDER, "inbox");
    this.#watcher = watch(folder, () => void this.scan());
    this.#watcher.on("error", () => this.#unwatch());
  }

  /** What comes back in its place is watched anew. */
  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }

  /** One alarm, the earliest. */
  #lookAt(at: number): void {
    const { clock, signal } = this.#deps;
    this.#alarm?.abort();
    this.#alarm = new AbortController();
    clock
      .sleep(Math.max(0, at - clock.now()), AbortSignal.any([this.#alarm.signal, signal]))
      .then(async () => this.scan())
      .catch(() => undefined);
  }
}

function pathOf(name: string): string {
  return `inbox/${name}`;
}

/** How a file looks from outside; it changes with whatever is written to it. */
function printOf({ inode, size, changedAt }: InboxEntry): string {
  return `${inode} ${size} ${changedAt}`;
}
