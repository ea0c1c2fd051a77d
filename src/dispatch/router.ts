import type { SessionKind, SessionState } from "../policy/model.ts";

/** What a conversation is made for; another one needs the session recycled. */
export interface Workplace {
  readonly project: string;
  readonly cwd: string;
  readonly model: string | null;
}

/** A session as the router sees it. Times are epoch ms. */
export interface WorkerView {
  readonly name: string;
  readonly kind: SessionKind;
  readonly state: SessionState;
  /** The operator asked to leave it alone. */
  readonly held: boolean;
  /** It is to end its turn and take no other. */
  readonly draining: boolean;
  /** Its last turn was cut off and is to be continued. */
  readonly cutOff: boolean;
  /** The task it has, or null. */
  readonly task: number | null;
  readonly startedAt: number;
  /** When its last task ended. */
  readonly freedAt: number | null;
  /** It could not be typed into: not before this. */
  readonly notBefore: number;
  readonly capabilities: readonly string[];
  /** What its conversation was made for, no project where nobody said anything yet; null when unknown. */
  readonly workplace: (Omit<Workplace, "project"> & { readonly project: string | null }) | null;
  /** Its conversation must not be given another task. */
  readonly spent: boolean;
}

/** A task that may be given out now. */
export interface ReadyTask {
  readonly id: number;
  readonly capabilities: readonly string[];
  readonly workplace: Workplace;
}

export interface Assignment {
  readonly task: number;
  readonly session: string;
  /** Whether the session gets a new conversation first. */
  readonly recycle: boolean;
}

export interface RouteOptions {
  /** By rank: the first goes first. */
  readonly tasks: readonly ReadyTask[];
  readonly workers: readonly WorkerView[];
  readonly now: number;
  readonly cooldownMs: number;
  readonly settleMs: number;
}

/**
 * Pure: who gets what now. Tasks choose in their order, each among the free sessions that can do it:
 * one that has its workplace already, else one without a conversation, else the one idle longest.
 * At most one task a session, and none for a session that is not the pool's.
 */
export function route(options: RouteOptions): Assignment[] {
  const free = options.workers.filter((worker) => freeAt(worker, options) <= options.now);
  const assignments: Assignment[] = [];
  for (const task of options.tasks) {
    if (free.length === 0) break;
    const best = bestFor(task, free);
    if (best === null) continue;
    free.splice(free.indexOf(best), 1);
    assignments.push({ task: task.id, session: best.name, recycle: !fits(task, best) });
  }
  return assignments;
}

/** Pure: from when a session may be given a task (epoch ms); Infinity while something else must happen. */
export function freeAt(
  worker: WorkerView,
  { cooldownMs, settleMs }: Pick<RouteOptions, "cooldownMs" | "settleMs">,
): number {
  const { kind, state, held, draining, cutOff, task } = worker;
  const isFree = kind === "pool" && state === "idle" && task === null;
  if (!isFree || held || draining || cutOff) return Infinity;
  return Math.max(
    worker.startedAt + settleMs,
    worker.freedAt === null ? 0 : worker.freedAt + cooldownMs,
    worker.notBefore,
  );
}

function bestFor(task: ReadyTask, free: readonly WorkerView[]): WorkerView | null {
  let best: WorkerView | null = null;
  for (const worker of free) {
    if (!task.capabilities.every((each) => worker.capabilities.includes(each))) continue;
    if (best === null || compare(task, worker, best) < 0) best = worker;
  }
  return best;
}

/** Below 0 when `a` is the better one for the task. What it can do beyond the task is kept for others. */
function compare(task: ReadyTask, a: WorkerView, b: WorkerView): number {
  return (
    Number(!fits(task, a)) - Number(!fits(task, b)) ||
    a.capabilities.length - b.capabilities.length ||
    (a.freedAt ?? 0) - (b.freedAt ?? 0) ||
    (a.name < b.name ? -1 : 1)
  );
}

/** Whether the session's conversation is right for the task as it is. */
function fits({ workplace }: ReadyTask, worker: WorkerView): boolean {
  const has = worker.workplace;
  return (
    !worker.spent &&
    has !== null &&
    (has.project === null || has.project === workplace.project) &&
    has.cwd === workplace.cwd &&
    has.model === workplace.model
  );
}
