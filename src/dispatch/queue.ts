import { isAbsolute, join, normalize, resolve, sep } from "node:path";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { nearest } from "../config/suggest.ts";
import { backoffMs } from "../policy/backoff.ts";
import type { Store } from "../store/store.ts";
import type { NewTask, TaskChanges, TaskRow, TaskState } from "../store/tasks.ts";
import { findCycle } from "./dependencies.ts";
import type { TaskSpec } from "./model.ts";
import { placeOfProject, rankOf } from "./rank.ts";
import { statesBefore } from "./states.ts";

/** The file a task came in. */
export interface TaskFile {
  /** Without `.md`. */
  readonly name: string;
  /** Below `.agent-queue`. */
  readonly path: string;
  readonly inode: string;
}

export interface Incoming {
  /** The project's folder as configured. */
  readonly project: string;
  readonly spec: TaskSpec;
  readonly front: string;
  readonly file: TaskFile | null;
}

export type Enqueued =
  | { readonly kind: "queued"; readonly id: number }
  /** A task with the same `dedupe` is there already; nothing was added. */
  | { readonly kind: "known"; readonly id: number; readonly state: TaskState }
  | { readonly kind: "refused"; readonly why: string };

export interface QueueDeps {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
}

const MOST_RETRY_DELAY_MS = 3_600_000;

/**
 * The durable queue: every change of a task's state is here, each in one durable commit with its
 * step, its event, and what it means to the tasks that wait for it.
 */
export class TaskQueue {
  readonly #deps: QueueDeps;
  readonly #capabilities: ReadonlySet<string>;

  constructor(deps: QueueDeps) {
    this.#deps = deps;
    const { pool } = deps.config.sessions;
    this.#capabilities = new Set(pool?.capabilities.map(({ name }) => name));
  }

  /** Takes a task in, once: the same `dedupe` gives the task that is there. */
  add(incoming: Incoming): Enqueued {
    const { store } = this.#deps;
    return store.transaction(() => {
      const task = this.#checked(incoming);
      if (typeof task === "string") return { kind: "refused", why: task };
      const { project, spec, front, file } = incoming;
      const same = spec.dedupe === null ? null : store.tasks.byDedupe(project, spec.dedupe);
      if (same !== null) return { kind: "known", id: same.id, state: same.state };
      const after = this.#dependencies(incoming);
      if (typeof after === "string") return { kind: "refused", why: after };
      const waiting = after.some(({ done }) => !done) ? "after" : null;
      const id = store.tasks.add(task, { prompt: spec.prompt, front }, waiting);
      for (const dependency of after) store.taskAfter.add(id, { ...dependency, project });
      if (file !== null) store.taskAfter.resolve(project, file.name, id);
      this.#step(id, "queued", null, null);
      store.emit("task.queued", { task: id, project, priority: task.priority });
      return { kind: "queued", id };
    });
  }

  /** Replaces a waiting task by what its file says now; the sentence that says why not, else null. */
  rewrite(id: number, incoming: Incoming): string | null {
    const { store } = this.#deps;
    const task = this.#checked(incoming);
    if (typeof task === "string") return task;
    const { createdAt } = store.tasks.get(id) ?? task;
    const rank = task.rank - task.createdAt + createdAt;
    const texts = { prompt: incoming.spec.prompt, front: incoming.front };
    store.transaction(() => {
      store.tasks.rewrite(id, { ...task, rank, createdAt }, texts);
      this.#step(id, "queued", null, "its file was changed");
    });
    return null;
  }

  /** A session takes the task; false when it is not to be given out any more. */
  assign(task: TaskRow, session: string, changes: TaskChanges): boolean {
    const { store, clock } = this.#deps;
    return store.transaction(() => {
      const is = this.#move(task.id, "assigned", session, null, {
        ...changes,
        session,
        promptId: null,
        attempt: task.attempt + 1,
        assignedAt: clock.now(),
        deliveredAt: null,
        reason: null,
      });
      if (is) store.emit("task.assigned", { task: task.id, session, attempt: task.attempt + 1 });
      return is;
    });
  }

  /** The client said that it took the prompt: `promptId` is its word for it. */
  delivered(
    task: TaskRow,
    receipt: { readonly promptId: string | null; readonly sessionId: string; readonly at: number },
  ): boolean {
    const { store } = this.#deps;
    const { promptId, sessionId, at } = receipt;
    const session = task.session ?? "";
    return store.transaction(() => {
      const proof = promptId ?? "a receipt without an id";
      const is = this.#move(task.id, "delivered", session, proof, {
        promptId,
        sessionId,
        deliveredAt: at,
      });
      if (is) store.emit("task.delivered", { task: task.id, session, sessionId, promptId });
      return is;
    });
  }

  /** Its turn ended well; `result` is the last thing its session said. */
  done(task: TaskRow, result: string | null): boolean {
    const { store, clock } = this.#deps;
    const session = task.session ?? "";
    return store.transaction(() => {
      const endedAt = clock.now();
      if (!this.#move(task.id, "done", session, null, { result, endedAt })) return false;
      const durationMs = endedAt - (task.deliveredAt ?? endedAt);
      store.emit("task.done", { task: task.id, session, durationMs });
      this.#letGo(task.id);
      return true;
    });
  }

  /** It did not go well: given out again later if it has retries left, else failed. */
  fail(task: TaskRow, reason: string, { mayRetry }: { readonly mayRetry: boolean }): void {
    const { store, config, random, clock } = this.#deps;
    if (!mayRetry || task.retried >= task.retries) return this.#failed(task, reason);
    const delay = backoffMs({
      attempt: task.retried + 1,
      baseMs: config.dispatch.retryDelayMs,
      mostMs: Math.max(config.dispatch.retryDelayMs, MOST_RETRY_DELAY_MS),
      random: random(),
    });
    store.transaction(() =>
      this.#requeued(task, `it failed (${reason}) and is tried again`, {
        retried: task.retried + 1,
        waiting: "backOff",
        notBefore: clock.now() + delay,
      }),
    );
  }

  /** Back into the queue, with the proof that nobody has it; at the earliest in `afterMs`. */
  requeue(task: TaskRow, proof: string, afterMs = 0): void {
    const { store, clock } = this.#deps;
    store.transaction(() =>
      this.#requeued(task, proof, {
        waiting: afterMs > 0 ? "backOff" : null,
        notBefore: clock.now() + afterMs,
      }),
    );
  }

  /** False when it is over already. */
  cancel(id: number, reason: string): boolean {
    const { store, clock } = this.#deps;
    return store.transaction(() => {
      const session = store.tasks.get(id)?.session ?? null;
      const endedAt = clock.now();
      if (!this.#move(id, "cancelled", session, reason, { reason, endedAt, waiting: null }))
        return false;
      store.emit("task.cancelled", { task: id, text: reason });
      this.#failWaiters(id, "was cancelled");
      return true;
    });
  }

  /** Gives a task out again that failed or was cancelled; the sentence that says why not, else null. */
  retry(id: number): string | null {
    const { store } = this.#deps;
    const task = store.tasks.get(id);
    if (task === null) return `There is no task ${id}.`;
    if (task.state !== "failed" && task.state !== "cancelled")
      return `Task ${id} is ${task.state}; only a failed or cancelled one is tried again.`;
    const missing = store.taskAfter.of(id).filter(({ done }) => !done);
    const over = missing.find(({ task: on }) => on !== null && this.#isLost(on));
    if (over !== undefined)
      return `Task ${over.task ?? over.name}, which it waits for, is not done: try that one again first.`;
    const waiting = missing.length > 0 ? "after" : null;
    const changes = { waiting, notBefore: 0, retried: 0, endedAt: null } as const;
    store.transaction(() => this.#requeued(task, "an operator asked for it", changes));
    return null;
  }

  /** Brings the order of what waits up to date with the configuration; lets go whose back-off is over. */
  refresh(): void {
    const { store, config } = this.#deps;
    const { ageingMs, projects } = config.dispatch;
    store.transaction(() => {
      for (const { path } of projects)
        for (const priority of ["critical", "high", "normal", "low"] as const) {
          const projectPlace = placeOfProject(config.dispatch, path);
          store.tasks.rerank(
            path,
            priority,
            rankOf({ enqueuedAt: 0, priority, projectPlace, ageingMs }),
          );
        }
    });
  }

  /** The row to be, or why it cannot be done. */
  #checked({ project, spec, file }: Incoming): NewTask | string {
    const { config, clock } = this.#deps;
    const cwd = spec.cwd === null ? project : inside(project, spec.cwd);
    if (cwd === null) return "Its cwd leads out of the project.";
    const unknown = spec.capabilities.find((each) => !this.#capabilities.has(each));
    if (unknown !== undefined) {
      const near = nearest(unknown, [...this.#capabilities]);
      const mean = near === null ? "" : ` Did you mean ${near}?`;
      return `No session of the pool has the capability ${unknown}.${mean}`;
    }
    const { priority } = spec;
    const { ageingMs, models, timeoutMs, retries } = config.dispatch;
    const enqueuedAt = clock.now();
    const projectPlace = placeOfProject(config.dispatch, project);
    return {
      project,
      name: file?.name ?? null,
      path: file?.path ?? null,
      inode: file?.inode ?? null,
      title: spec.title,
      priority,
      tags: spec.tags,
      capabilities: spec.capabilities,
      model: spec.model ?? models[priority] ?? null,
      cwd,
      timeoutMs: spec.timeoutMs ?? timeoutMs,
      retries: spec.retries ?? retries,
      dedupe: spec.dedupe,
      rank: rankOf({ enqueuedAt, priority, projectPlace, ageingMs }),
      createdAt: enqueuedAt,
    };
  }

  /** What it waits for, or why it can never be done. */
  #dependencies({ project, spec, file }: Incoming) {
    const { store } = this.#deps;
    const found = [];
    for (const name of spec.after) {
      if (name === file?.name) return `It waits for itself (${name}).`;
      const isNumber = /^\d{1,15}$/.test(name);
      const task = isNumber ? store.tasks.get(Number(name)) : store.tasks.byName(project, name);
      if (isNumber && task === null) return `There is no task ${name} that it could wait for.`;
      if (task !== null && (task.state === "failed" || task.state === "cancelled"))
        return `Task ${task.id}, which it waits for, is ${task.state}.`;
      found.push({ name, task: task?.id ?? null, done: task?.state === "done" });
    }
    const waitsFor = found.flatMap(({ task }) => task ?? []);
    const waiters = file === null ? [] : store.taskAfter.waitersOfName(project, file.name);
    const cycle = findCycle({
      waitsFor,
      waiters: new Set(waiters),
      dependenciesOf: (id) =>
        store.taskAfter.of(id).flatMap(({ task, done }) => (done ? [] : (task ?? []))),
    });
    if (cycle === null) return found;
    return `It waits for itself, by way of ${cycle.map((id) => `task ${id}`).join(", ")}.`;
  }

  #isLost(id: number): boolean {
    const state = this.#deps.store.tasks.get(id)?.state;
    return state === undefined || state === "failed" || state === "cancelled";
  }

  #letGo(id: number): void {
    const { store } = this.#deps;
    const waiters = store.taskAfter.waitersOf(id);
    store.taskAfter.settle(id);
    for (const waiter of waiters)
      if (store.taskAfter.of(waiter).every(({ done }) => done))
        store.tasks.change(waiter, { waiting: null });
  }

  #failed(task: TaskRow, reason: string): void {
    const { store, clock } = this.#deps;
    store.transaction(() => {
      const { id, session } = task;
      const changes = { reason, endedAt: clock.now(), waiting: null };
      if (!this.#move(id, "failed", session, reason, changes)) return;
      store.emit("task.failed", { task: id, session, text: reason });
      this.#failWaiters(id, "failed");
    });
  }

  #failWaiters(id: number, what: string): void {
    const { store } = this.#deps;
    for (const waiter of store.taskAfter.waitersOf(id)) {
      const task = store.tasks.get(waiter);
      if (task !== null) this.#failed(task, `task ${id}, which it waits for, ${what}`);
    }
  }

  #requeued(task: TaskRow, proof: string, changes: TaskChanges): void {
    const { store } = this.#deps;
    const { id, session } = task;
    if (!this.#move(id, "requeued", session, proof, { ...changes, session: null, reason: proof }))
      return;
    store.emit("task.requeued", { task: id, session, text: proof });
  }

  /** One step along the table; what has a file wants it in the right folder then. */
  #move(
    id: number,
    to: TaskState,
    session: string | null,
    detail: string | null,
    changes: TaskChanges,
  ): boolean {
    const { tasks } = this.#deps.store;
    const hasFile =
      to !== "delivered" && to !== "requeued" && (tasks.get(id)?.name ?? null) !== null;
    const fileDue = hasFile ? { fileDue: true } : {};
    if (!tasks.move(id, statesBefore(to), to, { ...changes, ...fileDue })) return false;
    this.#step(id, to, session, detail);
    return true;
  }

  #step(id: number, state: TaskState, session: string | null, detail: string | null): void {
    const { store, clock } = this.#deps;
    store.taskSteps.add(id, { at: clock.now(), state, session, detail });
  }
}

/** The folder, absolute, or null when it is not inside the project as written. */
function inside(project: string, written: string): string | null {
  const path = isAbsolute(written) ? normalize(written) : resolve(join(project, written));
  const bare = path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path;
  return bare === project || bare.startsWith(project.endsWith(sep) ? project : project + sep)
    ? bare
    : null;
}
