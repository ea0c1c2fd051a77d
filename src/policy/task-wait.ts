import type { SessionState } from "./model.ts";

/** Why a task does not go on; docs/json.md explains each. */
export const TASK_WAITS = [
  "after",
  "backOff",
  "starting",
  "frozen",
  "noWorker",
  "resting",
  "noneFree",
  "session",
] as const;
export type TaskWaitCode = (typeof TASK_WAITS)[number];

export interface TaskWait {
  readonly code: TaskWaitCode;
  /** A part of a sentence, without the time. */
  readonly text: string;
  /** When that is over (epoch ms), where it is known. */
  readonly until: number | null;
}

/** A task that is not over. Times are epoch ms. */
export interface OpenTask {
  readonly state: "queued" | "requeued" | "assigned" | "delivered";
  readonly waiting: "after" | "backOff" | null;
  /** With `backOff`: until when. */
  readonly notBefore: number;
  readonly reason: string | null;
  readonly capabilities: readonly string[];
}

/** A session of the pool. */
export interface PoolWorker {
  readonly name: string;
  readonly state: SessionState;
  readonly held: boolean;
  readonly draining: boolean;
  readonly capabilities: readonly string[];
  /** From when it may be given a task (epoch ms); Infinity while something else must happen. */
  readonly freeAt: number;
}

/** How things are around the tasks; what takes a look is asked only where it matters. */
export interface TaskScene {
  readonly now: number;
  /** Whether what was under way before this daemon is not taken up yet. */
  readonly isStarting: boolean;
  /** Why nothing is given out, or null. */
  readonly frozen: () => string | null;
  readonly workers: () => readonly PoolWorker[];
}

/** What a task itself is about. */
export interface TaskAround {
  /** What must be done first: numbers of tasks and names of task files. */
  readonly after: () => readonly string[];
  /** The session that has it, while one does. */
  readonly session: () => {
    readonly name: string;
    readonly state: SessionState;
    /** What it asks a person, while it does. */
    readonly asks: string | null;
    /** The last decision about its slot. */
    readonly decision: string | null;
  } | null;
}

/** Pure: why a task does not go on now; null where it does, or is given out at once. */
export function taskWait(task: OpenTask, around: TaskAround, scene: TaskScene): TaskWait | null {
  if (task.state === "delivered") return ofSession(around);
  if (task.waiting === "after") return after(around.after());
  if (task.waiting === "backOff" && task.notBefore > scene.now)
    return { code: "backOff", text: task.reason ?? "it is given out again", until: task.notBefore };
  if (scene.isStarting)
    return wait("starting", "the daemon starts, and looks first at what was under way");
  const frozen = scene.frozen();
  if (frozen !== null) return wait("frozen", `nothing is given out: ${frozen}`);
  return task.state === "assigned" ? ofSession(around) : ofPool(task, scene);
}

function wait(code: TaskWaitCode, text: string): TaskWait {
  return { code, text, until: null };
}

function after(names: readonly string[]): TaskWait {
  const what = names.map((name) => (/^\d+$/.test(name) ? `task ${name}` : name)).join(", ");
  return wait("after", `${what} must be done first`);
}

function ofSession(around: TaskAround): TaskWait | null {
  const session = around.session();
  if (session === null) return null;
  const { name, state, asks, decision } = session;
  switch (state) {
    case "asking":
      return wait("session", `${name} waits for an answer${asks === null ? "" : `: ${asks}`}`);
    case "limited":
      return wait("session", `${name} is at a limit${decision === null ? "" : `: ${decision}`}`);
    case "held":
      return wait("session", `${name} is held, until release`);
    case "dead":
      return wait("session", `the client of ${name} does not run`);
    case "starting":
    case "working":
    case "idle":
      return null;
  }
}

function ofPool({ capabilities, reason }: OpenTask, scene: TaskScene): TaskWait | null {
  const workers = scene.workers();
  const able = workers.filter((worker) =>
    capabilities.every((each) => worker.capabilities.includes(each)),
  );
  if (able.length === 0) {
    const missing = capabilities.join(", ");
    const text = workers.length === 0 ? "the pool has no session" : `no session has ${missing}`;
    return wait("noWorker", text);
  }
  const next = able.reduce((best, each) => (each.freeAt < best.freeAt ? each : best));
  if (next.freeAt <= scene.now) return null;
  if (next.freeAt !== Infinity)
    return { code: "resting", text: `${next.name} rests${because(reason)}`, until: next.freeAt };
  const can = capabilities.length === 0 ? "" : ` that has ${capabilities.join(", ")}`;
  return wait("noneFree", `no session${can} is free (${tally(able)})`);
}

/** Why it was given back, where it was. */
function because(reason: string | null): string {
  return reason === null ? "" : ` (${reason})`;
}

/** `2 working, 1 held`. */
function tally(workers: readonly PoolWorker[]): string {
  const counts = new Map<string, number>();
  for (const { state, held, draining } of workers) {
    const word = held ? "held" : draining ? "draining" : state;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
}
