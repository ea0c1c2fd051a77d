import { statSync } from "node:fs";
import type { HookSignal } from "../claude/hooks.ts";
import { backoffMs } from "../policy/backoff.ts";
import type { TaskRow } from "../store/tasks.ts";
import { keepFiles } from "./keep-files.ts";
import type { DispatchPorts } from "./ports.ts";
import { freeAt, route, type Assignment, type ReadyTask } from "./router.ts";
import { waitsNow, type WaitOf } from "./waits.ts";
import { TurnKeeper } from "./turn-keeper.ts";
import { Workers } from "./workers.ts";

/** How long a session that could not be typed into is left alone: twice as long each time. */
const REST = { baseMs: 5_000, mostMs: 300_000 };
/** A prompt that was typed and not taken is tried so often in the same session before it is given up. */
const MOST_TRIES = 3;
const CLIENT_END_MS = 30_000;
const LOOK_AGAIN_MS = 500;
const FOLDER_AGAIN_MS = 30_000;
/** Tasks whose folder is gone are put aside in groups, so that others get their turn. */
const MOST_ROUNDS = 50;

/** Gives tasks to sessions of the pool, each once, and follows them to their end. */
export class Dispatcher {
  readonly #ports: DispatchPorts;
  readonly #workers: Workers;
  readonly #keeper: TurnKeeper;
  readonly #giving = new Map<number, AbortController>();
  readonly #rests = new Map<string, number>();
  readonly #fileProblems = new Map<string, string>();
  #thaw = Promise.withResolvers<void>();
  #frozen: string | null = null;
  /** Nothing is given out before what was under way is taken up. */
  #isStarted = false;
  #isDue = false;
  #alarm: AbortController | null = null;

  constructor(ports: DispatchPorts) {
    this.#ports = ports;
    this.#workers = new Workers(ports.config, ports.store);
    this.#keeper = new TurnKeeper({
      ...ports,
      onEnd: (task) => this.#freed(task),
    });
  }

  /** Takes up what a daemon before this one began. */
  start(): void {
    const { store, queue } = this.#ports;
    this.#isStarted = true;
    queue.refresh();
    for (const task of store.tasks.active())
      if (task.state === "assigned") this.#give(task, { recycle: false, isAgain: true });
    this.look();
  }

  /** A slow second look at everything that events tell. */
  look(): void {
    this.#keeper.review();
    this.#keepFiles();
    this.kick();
  }

  /** Something may have changed: gives out what can be given out, once for many calls. */
  kick(): void {
    if (this.#isDue || !this.#isStarted) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      try {
        this.#assign();
      } catch (thrown) {
        this.#fault("dispatch", thrown);
      }
    });
  }

  /** What a session's hook told, after the fleet took it in. `at` is epoch ms. */
  signal(session: string, signal: HookSignal, at: number): void {
    this.#keeper.signal(session, signal, at);
    this.kick();
  }

  /** Ends a task wherever it stands; false when it is over already. */
  async cancel(id: number, reason: string): Promise<boolean> {
    const { store, queue } = this.#ports;
    const before = store.tasks.get(id);
    if (!queue.cancel(id, reason)) return false;
    this.#giving.get(id)?.abort(new Error(reason));
    if (before !== null && before.session !== null) await this.#keeper.stop(before);
    this.#keepFiles();
    return true;
  }

  /** The task that a session has, or null. */
  taskOf(session: string): number | null {
    return this.#workers.taskOf(session);
  }

  /** How many tasks wait for nothing but a session. */
  waiting(): number {
    return this.#ports.store.tasks.readyCount();
  }

  /** Why tasks do not go on, as things are now. */
  waits(): WaitOf {
    return waitsNow(this.#ports, { workers: this.#workers, isStarting: !this.#isStarted });
  }

  #fault(what: string, thrown: unknown): void {
    if (!this.#ports.signal.aborted) this.#ports.onFault(what, thrown);
  }

  /** Whether nothing may be given out now; told when it begins and when it ends. */
  #isFrozen(): boolean {
    const { store, frozen } = this.#ports;
    const why = frozen();
    if (why !== this.#frozen) {
      if (why === null) store.emit("dispatch.thawed", null);
      else store.emit("dispatch.frozen", { text: why });
      this.#frozen = why;
    }
    if (why !== null) return true;
    this.#thaw.resolve();
    this.#thaw = Promise.withResolvers<void>();
    return false;
  }

  async #thawed(signal: AbortSignal): Promise<void> {
    while (this.#isFrozen()) {
      signal.throwIfAborted();
      const aborted = new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => resolve(), { once: true }),
      );
      await Promise.race([this.#thaw.promise, aborted]);
    }
    signal.throwIfAborted();
  }

  #assign(): void {
    const { store, clock, signal } = this.#ports;
    if (signal.aborted) return;
    store.tasks.wake(clock.now());
    if (!store.tasks.hasReady()) return this.#wakeAt(store.tasks.nextWake() ?? Infinity);
    if (this.#isFrozen()) return;
    for (let round = 0; round < MOST_ROUNDS && this.#round(); round++);
  }

  /** Gives out once; whether tasks were put aside, so that others may be given out now. */
  #round(): boolean {
    const { store, config, clock } = this.#ports;
    const { cooldownMs, settleMs } = config.dispatch;
    const now = clock.now();
    const workers = this.#ports.sessions().map((facts) => this.#workers.view(facts));
    const times = workers.map((worker) => freeAt(worker, { cooldownMs, settleMs }));
    const free = times.filter((at) => at <= now).length;
    const next = Math.min(...times.filter((at) => at > now), store.tasks.nextWake() ?? Infinity);
    this.#wakeAt(next);
    if (free === 0) return false;
    const rows = store.tasks
      .lanes()
      .flatMap((lane) => store.tasks.ready(lane, free))
      .toSorted((a, b) => a.rank - b.rank || a.id - b.id);
    const lost = this.#putAside(rows);
    const tasks = rows.filter(({ id }) => !lost.has(id));
    const assignments = route({ tasks: tasks.map(readyTask), workers, now, cooldownMs, settleMs });
    for (const assignment of assignments) this.#take(assignment, tasks);
    return lost.size > 0;
  }

  /** Tasks whose folder is not there wait for it, and keep no other from a session. */
  #putAside(rows: readonly TaskRow[]): Set<number> {
    const { store, clock } = this.#ports;
    const isThere = new Map<string, boolean>();
    const lost = new Set<number>();
    for (const { id, cwd } of rows) {
      const there = isThere.get(cwd) ?? isFolder(cwd);
      isThere.set(cwd, there);
      if (there) continue;
      lost.add(id);
      const reason = `its folder ${cwd} does not exist`;
      store.tasks.change(id, {
        waiting: "backOff",
        notBefore: clock.now() + FOLDER_AGAIN_MS,
        reason,
      });
    }
    return lost;
  }

  #take({ task: id, session, recycle }: Assignment, rows: readonly TaskRow[]): void {
    const { queue, store } = this.#ports;
    const row = rows.find((each) => each.id === id);
    const facts = this.#ports.session(session);
    if (row === undefined || facts === null) return;
    if (!queue.assign(row, session, { sessionId: recycle ? null : facts.sessionId })) return;
    this.#workers.taken(session, id);
    const task = store.tasks.get(id);
    if (task !== null) this.#give(task, { recycle, isAgain: false });
  }

  #give(task: TaskRow, how: { recycle: boolean; isAgain: boolean }): void {
    const { signal } = this.#ports;
    const end = new AbortController();
    this.#giving.set(task.id, end);
    this.#deliver(task, how, AbortSignal.any([end.signal, signal]))
      .catch(async (thrown: unknown) => {
        if (end.signal.aborted || signal.aborted) return;
        // Whatever it is, it is told and the task is not lost: a look at the transcripts decides.
        this.#fault("dispatch", thrown);
        const isEnded = await this.#clientEnds(task, AbortSignal.any([end.signal, signal]));
        this.#keeper.undelivered(task, String(thrown), { wasTyped: !isEnded });
      })
      .catch((thrown: unknown) => {
        if (!end.signal.aborted) this.#fault("dispatch", thrown);
      })
      .finally(() => {
        this.#giving.delete(task.id);
        this.#keepFiles();
        this.kick();
      });
  }

  async #deliver(
    task: TaskRow,
    { recycle, isAgain }: { recycle: boolean; isAgain: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const { store, recycle: renew } = this.#ports;
    const session = task.session ?? "";
    if (isAgain && (await this.#isOver(task, signal))) return;
    this.#keepFiles();
    await this.#thawed(signal);
    const isElsewhere = task.sessionId !== this.#ports.session(session)?.sessionId;
    if (recycle || isElsewhere) {
      const { project, cwd, model } = task;
      const renewed = await renew(session, { project, cwd, model });
      signal.throwIfAborted();
      if (renewed.kind === "notReady") return this.#giveBack(task, renewed.why);
      store.tasks.change(task.id, { sessionId: renewed.sessionId });
    }
    const text = store.tasks.texts(task.id)?.prompt ?? "";
    for (let tries = 1; ; tries++) {
      await this.#thawed(signal);
      const delivery = await this.#ports.deliver({ session, text, signal });
      const now = store.tasks.get(task.id) ?? task;
      if (delivery.kind === "delivered") return this.#keeper.delivered(now, delivery);
      if (this.#keeper.found(now) !== null) return;
      signal.throwIfAborted();
      if (!delivery.wasTyped) return this.#giveBack(now, delivery.why);
      if (tries === MOST_TRIES) return this.#giveUp(now, delivery.why);
    }
  }

  /**
   * Whether nothing is left to be typed of a task that a daemon before this one gave out. A client that
   * ended meanwhile is waited for, at most 30 s: what it still wrote is there when it is up again.
   */
  async #isOver(task: TaskRow, signal: AbortSignal): Promise<boolean> {
    const { clock, session } = this.#ports;
    const name = task.session ?? "";
    if (this.#keeper.found(task) !== null) return true;
    const runs = (): boolean => (session(name)?.state ?? "dead") !== "dead";
    if (runs()) return false;
    for (const end = clock.monotonic() + CLIENT_END_MS; !runs() && clock.monotonic() < end;)
      await clock.sleep(LOOK_AGAIN_MS, signal);
    if (runs()) return this.#keeper.found(task) !== null;
    this.#keeper.undelivered(task, `${name} does not run`, { wasTyped: false });
    return true;
  }

  /** Nothing was typed: somebody else may have it. */
  #giveBack(task: TaskRow, why: string): void {
    const { queue, clock, random } = this.#ports;
    const session = task.session ?? "";
    const rests = (this.#rests.get(session) ?? 0) + 1;
    this.#rests.set(session, rests);
    this.#workers.rest(
      session,
      clock.now() + backoffMs({ attempt: rests, ...REST, random: random() }),
    );
    queue.requeue(task, `nothing was typed into ${session}: ${why}`);
    this.#workers.freed(session);
  }

  /** It may still stand in the client's composer: only without that client is it sure. */
  async #giveUp(task: TaskRow, why: string): Promise<void> {
    const { project, cwd, model } = task;
    const renewed = await this.#ports.recycle(task.session ?? "", { project, cwd, model });
    const words = `its client took no prompt (${why})`;
    this.#keeper.undelivered(task, words, { wasTyped: renewed.kind === "notReady" });
  }

  /**
   * What broke a delivery may have ended the client with it (the tmux server, say): then what it did
   * not write it never will. Waits for that to be seen, at most 30 s.
   */
  async #clientEnds(task: TaskRow, signal: AbortSignal): Promise<boolean> {
    const { clock, session } = this.#ports;
    const since = clock.now();
    const sessionId = this.#ports.store.tasks.get(task.id)?.sessionId ?? task.sessionId;
    for (const end = clock.monotonic() + CLIENT_END_MS; clock.monotonic() < end;) {
      const facts = session(task.session ?? "");
      const isAnother = facts?.sessionId !== sessionId || facts.startedAt > since;
      if (facts === null || facts.state === "dead" || isAnother) return true;
      await clock.sleep(LOOK_AGAIN_MS, signal);
    }
    return false;
  }

  #freed(task: TaskRow): void {
    const session = task.session ?? "";
    this.#rests.delete(session);
    this.#workers.freed(session);
    this.#keepFiles();
    this.kick();
  }

  #keepFiles(): void {
    const { store } = this.#ports;
    try {
      const problems = keepFiles(store);
      for (const [project, text] of problems)
        if (this.#fileProblems.get(project) !== text)
          store.emit("inbox.unusable", { project, text });
      for (const project of this.#fileProblems.keys())
        if (!problems.has(project)) store.emit("inbox.usable", { project });
      this.#fileProblems.clear();
      for (const [project, text] of problems) this.#fileProblems.set(project, text);
    } catch (thrown) {
      this.#fault("task files", thrown);
    }
  }

  #wakeAt(at: number): void {
    const { clock, signal } = this.#ports;
    this.#alarm?.abort();
    this.#alarm = null;
    if (at === Infinity) return;
    const alarm = new AbortController();
    this.#alarm = alarm;
    clock
      .sleep(Math.max(1, at - clock.now()), AbortSignal.any([alarm.signal, signal]))
      .then(() => this.kick())
      .catch(() => undefined);
  }
}

function readyTask({ id, capabilities, project, cwd, model }: TaskRow): ReadyTask {
  return { id, capabilities, workplace: { project, cwd, model } };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
